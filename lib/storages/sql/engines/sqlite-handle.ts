import type { SqlResult, SqlStatement } from '../sql-statement.js';

/** A connection to SQLite that answers at once. */
export interface SqliteHandle {
  /** Whether somebody has a transaction open on it. */
  readonly inTransaction: boolean;
  run(statement: SqlStatement): SqlResult;
  /**
   * Milliseconds that the connection waits, and with it the whole process, for another one's
   * lock. Gives what it was before.
   */
  busyTimeout(milliseconds: number): number;
  /** Called after each transaction. */
  saved(): Promise<void>;
}
