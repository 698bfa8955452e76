import type { SqlRow } from '../dialects/shapes.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';

/** A connection of its own for statements that take long, each without a transaction. */
export interface SqlSession {
  run<T>(script: SqlScript<T>): Promise<T>;
  /** Whether others were in the way, so that trying again later may help. */
  isGivenUp(error: unknown): boolean;
  /** Ends the connection; what runs on it is left to the database, which brings it to an end. */
  abandon(): Promise<void>;
  release(): Promise<void>;
}

/** Runs scripts that write. */
export interface SqlWriting {
  /**
   * Whether a script at length is no transaction: its statements run in this thread, one by one,
   * each for itself.
   */
  readonly isSliced: boolean;
  /**
   * Runs a short script in a transaction of its own, again if another writer was in its way.
   * `script` makes it anew for each try; what it throws undoes it all.
   */
  transaction<T>(script: () => SqlScript<T>): Promise<T>;
  /** The same, while no other process does. */
  exclusively<T>(script: () => SqlScript<T>): Promise<T>;
  /**
   * Runs a short script that alters tables, while no other process does. It waits for locks so
   * briefly that nobody notices who has to wait behind it, and is run again if it got none: so it
   * has to be one that may be cut off at any statement.
   */
  alterTables<T>(script: () => SqlScript<T>): Promise<T>;
  /**
   * Runs a long script that may be begun anew at any step, and be ended at any. It is one
   * transaction where that holds up nobody but writers. On a connection of this thread each of its
   * statements is a short one of its own, and all see what none but the script has written since
   * it began.
   */
  atLength<T>(script: () => SqlScript<T>): Promise<T>;
  /**
   * Has what was deleted leave the files too, as far as this connection can.
   *
   * @param text What must not be found in them any more.
   * @returns Whether it is known to be gone, or is for the database's operator to do.
   */
  erase(text: string | null): Promise<boolean>;
  close(): Promise<void>;
}

/** Runs scripts that only read. */
export interface SqlReading {
  /** Runs a long script that only reads; all its statements see one state of the database. */
  snapshot<T>(script: () => SqlScript<T>): Promise<T>;
  /** Runs a script that only reads; each of its statements sees the database as it is then. */
  steps<T>(script: () => SqlScript<T>): Promise<T>;
  read(statement: SqlStatement): Promise<readonly SqlRow[]>;
  /** Reads many rows, a part of them at a time. */
  parts(statement: SqlStatement): AsyncIterable<readonly SqlRow[]>;
  close(): Promise<void>;
}

/** Runs statements on one database: what differs between drivers and the ways they lock. */
export interface SqlEngine extends SqlWriting, SqlReading {
  /**
   * Whether statements that read run in this thread, which is the application's: then each of
   * them has to be short.
   */
  readonly isBlocking: boolean;
  /** Absent where one connection writes at a time, whatever it does. */
  openSession?(): Promise<SqlSession>;
}
