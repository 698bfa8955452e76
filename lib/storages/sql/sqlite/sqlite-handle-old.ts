import type { SqlResult, SqlStatement } from '../sql-statement.js';

/** A connection to SQLite that answers at once. */
export interface SqliteHandle {
  /** What tells this connection from others. */
  readonly connection: object;
  /** How often the database has been opened anew; absent: it never is. */
  readonly generation?: number;
  /** Whether somebody has a transaction open on it. */
  readonly inTransaction: boolean;
  run(statement: SqlStatement): SqlResult;
  /**
   * Milliseconds that the connection waits, and with it the whole process, for another one's
   * lock. Gives what it was before.
   */
  busyTimeout(milliseconds: number): number;
  /** Whether what is deleted is overwritten, as SQLite counts it. Gives what it was before. */
  secureDelete(value: number): number;
  /** Called after each transaction. */
  saved(): Promise<void>;
}
