import type { SqlRow } from '../dialects/shapes.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';

/** A connection of its own for long statements, each outside a transaction. */
export interface SqlSession {
  run<T>(script: SqlScript<T>): Promise<T>;
  /** Whether the error is a conflict with others, so that a later retry may succeed. */
  isGivenUp(error: unknown): boolean;
  /** Ends the connection. The database finishes the statement that still runs on it. */
  abandon(): Promise<void>;
  release(): Promise<void>;
}

/** Runs scripts that write. */
export interface SqlWriting {
  /** Whether `atLength()` runs in slices in this thread instead of in one transaction. */
  readonly isSliced: boolean;
  /**
   * Runs a short script in one transaction, and retries it if it conflicts with another writer.
   * `script` creates it again for each attempt. An error that it throws rolls the transaction back.
   */
  transaction<T>(script: () => SqlScript<T>): Promise<T>;
  /**
   * Runs a short script in one transaction while it holds the lock that all processes on the
   * database respect. A server does not retry it after a conflict.
   */
  exclusively<T>(script: () => SqlScript<T>): Promise<T>;
  /**
   * Runs a short script that alters tables, while it holds the lock that all processes on the
   * database respect. On a server it waits for table locks only briefly, so that statements queued
   * behind it are not held up, and is retried if it gets none. The script has to be one that may
   * stop at any statement: MySQL and MariaDB run it without a transaction.
   */
  alterTables<T>(script: () => SqlScript<T>): Promise<T>;
  /**
   * Runs a long script that may be restarted at any step, and stopped at any. It is one transaction
   * where that blocks only writers. On a connection of this thread it runs in slices, and each
   * slice that writes is one short transaction. If another connection writes meanwhile, the script
   * restarts, so that its statements see no writes but its own.
   */
  atLength<T>(script: () => SqlScript<T>): Promise<T>;
  /**
   * Removes deleted data from the database's files, as far as this connection can.
   *
   * @param text What must not be found in the files any more; null: any deleted data.
   * @returns true if the data is gone, or if removing it is up to the operator of a server; false
   * if it may still be in the files.
   */
  erase(text: string | null): Promise<boolean>;
  close(): Promise<void>;
}

/** Runs scripts that only read. */
export interface SqlReading {
  /**
   * Runs a long script that only reads. On SQLite all its statements see one state of the database.
   * On a server they run in one transaction of isolation level READ COMMITTED, so the script takes
   * `lockExclusive` if sums must not change meanwhile.
   */
  snapshot<T>(script: () => SqlScript<T>): Promise<T>;
  /**
   * Runs a script that only reads. Each statement sees the database as it is at that time.
   *
   * @param signal Ends the statement that runs, on a server.
   */
  steps<T>(script: () => SqlScript<T>, signal?: AbortSignal): Promise<T>;
  read(statement: SqlStatement): Promise<readonly SqlRow[]>;
  /**
   * Reads many rows and yields them in parts.
   *
   * @param signal Ends the statement, on a server.
   */
  parts(statement: SqlStatement, signal?: AbortSignal): AsyncIterable<readonly SqlRow[]>;
  close(): Promise<void>;
}

/** Runs statements on one database. Engines differ by driver and by how they lock. */
export interface SqlEngine extends SqlWriting, SqlReading {
  /**
   * Whether reading statements run in this thread, which is the application's. Each of them then
   * has to be short.
   */
  readonly isBlocking: boolean;
  /** Absent on databases where only one connection can write at a time. */
  openSession?(): Promise<SqlSession>;
}
