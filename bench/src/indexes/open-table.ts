import Sqlite from 'better-sqlite3';
import { MongoClient } from 'mongodb';
import mysql from 'mysql2/promise';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { DatabaseName } from '../databases/index.js';
import { INDEXED_FIELDS, type IndexedField, type IndexedTable } from './indexed-table.js';

export const INDEXED_DATABASES = ['sqlite', 'postgres', 'mariadb', 'mysql', 'mongodb'] as const;
export type IndexedDatabase = (typeof INDEXED_DATABASES)[number];

const OWN: Partial<Record<IndexedField, string>> = { username: 'username', visitorId: 'visitor' };
const NAME = 'bench_index';
const CHECKPOINT_MS = 65_000;

const addressOf = (name: DatabaseName) =>
  process.env[`TRACK_USAGE_TEST_${name.toUpperCase()}_URL`]!;

/** Opens the table that a storage has made. */
export async function openTable(
  name: IndexedDatabase,
  scratch: string,
  table: string,
): Promise<IndexedTable> {
  if (name === 'sqlite') return ofSqlite(join(scratch, `${table}.sqlite`), table);
  if (name === 'postgres') return ofPostgres(addressOf(name), table);
  if (name === 'mongodb') return ofMongo(addressOf(name), table);
  return ofMysql(addressOf(name), table);
}

function ofSqlite(file: string, table: string): IndexedTable {
  const db = new Sqlite(file);
  return {
    async create(field) {
      const column = INDEXED_FIELDS[field];
      db.exec(`create index ${NAME} on ${table} (${column}, date, id) where ${column} is not null`);
    },
    async dropOwn(field) {
      if (OWN[field]) db.exec(`drop index if exists ${table}_${OWN[field]}`);
    },
    async bytes() {
      const sql = 'select coalesce(sum(pgsize), 0) from dbstat where name = ?';
      return db.prepare(sql).pluck().get(NAME) as number;
    },
    close: async () => void db.close(),
  };
}

async function ofPostgres(url: string, table: string): Promise<IndexedTable> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const name = `${table}_${NAME}`;
  return {
    async create(field) {
      const column = INDEXED_FIELDS[field];
      await client.query(
        `create index ${name} on ${table} (${column}, date, id) where ${column} is not null`,
      );
    },
    async dropOwn(field) {
      if (OWN[field]) await client.query(`drop index if exists ${table}_${OWN[field]}`);
    },
    async bytes() {
      const { rows } = await client.query<{ n: string }>('select pg_relation_size($1) as n', [
        name,
      ]);
      return Number(rows[0]!.n);
    },
    close: () => client.end(),
  };
}

async function ofMysql(url: string, table: string): Promise<IndexedTable> {
  const connection = await mysql.createConnection(url);
  return {
    async create(field) {
      const column = INDEXED_FIELDS[field];
      const length = field === 'status' ? '' : '(128)';
      await connection.query(`create index ${NAME} on ${table} (${column}${length}, date, id)`);
    },
    async dropOwn(field) {
      if (OWN[field]) await connection.query(`drop index ${table}_${OWN[field]} on ${table}`);
    },
    async bytes() {
      await connection.query(`analyze table ${table}`);
      const [rows] = await connection.query<mysql.RowDataPacket[]>(
        'select stat_value * @@innodb_page_size as n from mysql.innodb_index_stats ' +
          "where database_name = database() and table_name = ? and index_name = ? and stat_name = 'size'",
        [table, NAME],
      );
      return Number(rows[0]?.['n']);
    },
    close: () => connection.end(),
  };
}

async function ofMongo(url: string, table: string): Promise<IndexedTable> {
  const client = await MongoClient.connect(url);
  const db = client.db('track_usage_bench');
  return {
    async create(field) {
      await db.collection(table).createIndex(
        { [field]: 1, date: -1, _id: -1 },
        {
          name: NAME,
          partialFilterExpression: { [field]: { $gt: field === 'status' ? 0 : '' } },
        },
      );
    },
    async dropOwn() {},
    async bytes() {
      // The server tells the size as of its last checkpoint, of which there is one each minute.
      await delay(CHECKPOINT_MS);
      const stats = await db.command({ collStats: table });
      return (stats['indexSizes'] as Record<string, number>)[NAME]!;
    },
    close: () => client.close(),
  };
}
