import type { SqlRowValues } from '../dialects/dialect.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlResult, SqlStatement } from '../sql-statement.js';
import type { SqliteHandle } from './sqlite-handle.js';

/** The used part of a database of better-sqlite3. */
export interface BetterSqlite3Database {
  readonly inTransaction: boolean;
  prepare(sql: string): BetterSqlite3Statement;
  pragma(source: string, options?: { simple?: boolean }): unknown;
  close(): unknown;
}

interface BetterSqlite3Statement {
  readonly reader: boolean;
  all(values: readonly unknown[]): SqlRow[];
  run(values: readonly unknown[]): { changes: number };
  safeIntegers(on: boolean): this;
  raw(on: boolean): this;
  columns(): { name: string }[];
}

/** A result whose rows are lists of values, in the order of the columns. */
export interface RawResult {
  readonly columns: readonly string[];
  readonly rows: readonly SqlRowValues[];
  readonly changes: number;
}

const CACHED_STATEMENTS = 200;

/** SQLite through better-sqlite3. Caches prepared statements. */
export class BetterSqlite3Handle implements SqliteHandle {
  private readonly statements = new Map<string, BetterSqlite3Statement>();

  constructor(private readonly database: BetterSqlite3Database) {}

  get connection(): object {
    return this.database;
  }

  get inTransaction(): boolean {
    return this.database.inTransaction;
  }

  run({ sql, values, forEach }: SqlStatement): SqlResult {
    const statement = this.statement(sql);
    if (forEach) {
      let changes = 0;
      for (const each of forEach) changes += statement.run(each).changes;
      return { rows: [], changes };
    }
    if (statement.reader) return { rows: statement.all(values), changes: 0 };
    return { rows: [], changes: statement.run(values).changes };
  }

  /**
   * Runs a statement and returns its rows as lists of values, which cost less to send to another
   * thread.
   */
  raw(given: SqlStatement): RawResult {
    const statement = this.statement(given.sql);
    if (given.forEach || !statement.reader)
      return { columns: [], rows: [], changes: this.run(given).changes };
    statement.raw(true);
    try {
      const rows = statement.all(given.values) as unknown as SqlRowValues[];
      return { columns: statement.columns().map(({ name }) => name), rows, changes: 0 };
    } finally {
      statement.raw(false);
    }
  }

  close(): void {
    this.database.close();
  }

  busyTimeout(milliseconds: number): number {
    const [row] = this.statement('pragma busy_timeout').all([]);
    const before = Number(row?.['timeout']);
    if (before !== milliseconds) this.database.pragma(`busy_timeout = ${milliseconds}`);
    return before;
  }

  secureDelete(value: number): number {
    const [row] = this.statement('pragma secure_delete').all([]);
    const before = Number(row?.['secure_delete']);
    if (before !== value) this.database.pragma(`secure_delete = ${value}`);
    return before;
  }

  async saved(): Promise<void> {}

  private statement(sql: string): BetterSqlite3Statement {
    let statement = this.statements.get(sql);
    if (!statement) {
      if (this.statements.size >= CACHED_STATEMENTS) this.statements.clear();
      statement = this.database.prepare(sql).safeIntegers(false);
      this.statements.set(sql, statement);
    }
    return statement;
  }
}
