import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { defaultExport, missingPackage } from '../../../support/optional-packages.js';
import {
  PORTION,
  SUM_DIMENSIONS,
  SUM_PERIODS,
  type FlaskDatabase,
  type FlaskRow,
  type FlaskSum,
} from './flask-rows.js';

type Row = Record<string, unknown>;

/** Runs a statement. Dates come as text, as they stand in the table. */
interface Connection {
  /** The character that quotes names. */
  readonly quote: '"' | '`';
  all(sql: string): Promise<Row[]>;
  close(): Promise<void>;
}

const OWNER = 'Importing from Flask-Track-Usage';

/** The table of `SQLStorage`, in SQLite, PostgreSQL, MySQL or MariaDB. */
export class FlaskSqlDatabase implements FlaskDatabase {
  private constructor(
    private readonly connection: Connection,
    private readonly table: string,
  ) {}

  /** @throws {Error} if the database cannot be opened, or has no such table. */
  static async open(
    address: string,
    table = 'flask_usage',
    cwd?: string,
  ): Promise<FlaskSqlDatabase> {
    const connection = await connect(address, cwd);
    const database = new FlaskSqlDatabase(connection, table);
    try {
      await connection.all(`SELECT id FROM ${database.name(table)} WHERE id < 0`);
      return database;
    } catch (error) {
      await connection.close();
      throw new Error(
        `--from-table: the table ${table} of Flask-Track-Usage cannot be read: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  async *rows(): AsyncIterable<FlaskRow[]> {
    for (let after = -1; ;) {
      const rows = await this.connection.all(
        `SELECT * FROM ${this.name(this.table)} WHERE id > ${after} ORDER BY id LIMIT ${PORTION}`,
      );
      const last = rows.at(-1);
      if (last === undefined) return;
      after = Number(last['id']);
      yield rows.map((usage) => ({ place: `${this.table}:${String(usage['id'])}`, usage }));
    }
  }

  async sums(): Promise<FlaskSum[]> {
    const sums: FlaskSum[] = [];
    for (const dimension of SUM_DIMENSIONS)
      for (const period of SUM_PERIODS) {
        const table = `${this.table}_${dimension}_${period}`;
        const rows = await this.connection
          .all(`SELECT * FROM ${this.name(table)}`)
          // Only who has asked for sums has their tables.
          .catch(() => []);
        for (const { date, hits, transfer, ...rest } of rows)
          sums.push({
            ...{ dimension, period, date: String(date).slice(0, 19).replace('T', ' ') },
            key: (rest[dimension] as string | null | undefined) ?? null,
            ...{ hits: Number(hits), transfer: Number(transfer ?? 0) },
          });
      }
    return sums;
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** Quotes a name, which may have its schema before it. */
  private name(table: string): string {
    const { quote } = this.connection;
    return table
      .split('.')
      .map((part) => quote + part.replaceAll(quote, quote + quote) + quote)
      .join('.');
  }
}

async function connect(address: string, cwd = process.cwd()): Promise<Connection> {
  if (/^postgres(?:ql)?:/i.test(address)) return connectPostgres(address);
  if (/^(?:mysql|mariadb):/i.test(address)) return connectMysql(address);
  return connectSqlite(address, cwd);
}

async function connectSqlite(address: string, cwd: string): Promise<Connection> {
  const path = /^file:/i.test(address)
    ? fileURLToPath(address)
    : resolve(cwd, address.replace(/^sqlite:(?:\/\/)?/i, ''));
  if (!existsSync(path))
    throw new Error(`--source: the SQLite file ${path} is not there. A path begins at ${cwd}.`);
  const Database = defaultExport(
    await import('better-sqlite3').catch(missingPackage(OWNER, 'better-sqlite3')),
  );
  const database = new Database(path, { readonly: true });
  return {
    quote: '"',
    all: async (sql) => database.prepare(sql).all() as Row[],
    close: async () => void database.close(),
  };
}

interface PostgresClient {
  connect(): Promise<void>;
  query(sql: string): Promise<{ rows: Row[] }>;
  end(): Promise<void>;
}

interface PostgresPackage {
  readonly Client: new (options: object) => PostgresClient;
}

async function connectPostgres(address: string): Promise<Connection> {
  const pg = defaultExport(
    // @ts-expect-error -- It brings no types.
    (await import('pg').catch(missingPackage(OWNER, 'pg'))) as { default: PostgresPackage },
  );
  // Every value as text: the driver would take a naive date for one of this machine's zone.
  const types = { getTypeParser: () => (text: string) => text };
  const client = new pg.Client({ connectionString: address, types });
  await client.connect();
  return {
    quote: '"',
    all: async (sql) => (await client.query(sql)).rows,
    close: () => client.end(),
  };
}

async function connectMysql(address: string): Promise<Connection> {
  const { createConnection } = await import('mysql2/promise').catch(
    missingPackage(OWNER, 'mysql2'),
  );
  const uri = address.replace(/^mariadb:/i, 'mysql:');
  const client = await createConnection({ uri, dateStrings: true });
  return {
    quote: '`',
    all: async (sql) => (await client.query(sql))[0] as Row[],
    close: () => client.end(),
  };
}
