import type { SqlRow, SqlValue } from '../layout/column.js';
import type { SqlResult, SqlStatement } from '../sql-statement.js';
import type { SqliteHandle } from './sqlite-handle.js';

/** What is used of a database of better-sqlite3. */
export interface BetterSqlite3Database {
  readonly inTransaction: boolean;
  prepare(sql: string): BetterSqlite3Statement;
  pragma(source: string, options?: { simple?: boolean }): unknown;
}

interface BetterSqlite3Statement {
  readonly reader: boolean;
  all(values: readonly unknown[]): SqlRow[];
  run(values: readonly unknown[]): { changes: number };
  safeIntegers(on: boolean): this;
}

const CACHED_STATEMENTS = 200;

/** SQLite by better-sqlite3, with its statements prepared once. */
export class BetterSqlite3Handle implements SqliteHandle {
  private readonly statements = new Map<string, BetterSqlite3Statement>();

  constructor(private readonly database: BetterSqlite3Database) {}

  get inTransaction(): boolean {
    return this.database.inTransaction;
  }

  run({ sql, values, forEach }: SqlStatement): SqlResult {
    const statement = this.statement(sql);
    if (forEach) {
      let changes = 0;
      for (const each of values as SqlValue[][]) changes += statement.run(each).changes;
      return { rows: [], changes };
    }
    if (statement.reader) return { rows: statement.all(values), changes: 0 };
    return { rows: [], changes: statement.run(values).changes };
  }

  busyTimeout(milliseconds: number): number {
    const [row] = this.statement('pragma busy_timeout').all([]);
    const before = Number(row?.['timeout']);
    if (before !== milliseconds) this.database.pragma(`busy_timeout = ${milliseconds}`);
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
