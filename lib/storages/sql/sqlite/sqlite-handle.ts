import { setTimeout as delay } from 'node:timers/promises';
import type { SqlRow } from '../dialects/shapes.js';
import { type SqlResult, type SqlStatement, PAUSE, type SqlScript } from '../sql-statement.js';

/** A synchronous connection to SQLite. */
export interface SqliteHandle {
  /** The identity of the connection, by which the library shares one serial queue for it. */
  readonly connection: object;
  /** How often the database was opened again. Absent if it never is. */
  readonly generation?: number;
  /** Whether a transaction is open on the connection, whoever began it. */
  readonly inTransaction: boolean;
  run(statement: SqlStatement): SqlResult;
  /**
   * Sets how many milliseconds the connection, and with it this thread, waits for another
   * connection's lock. Returns the value before.
   */
  busyTimeout(milliseconds: number): number;
  /** Sets SQLite's `secure_delete`, which overwrites deleted data. Returns the value before. */
  secureDelete(value: number): number;
  /** Called after each transaction. Resolves once the database is saved. */
  saved(): Promise<void>;
}

const NOTHING: SqlResult = { rows: [], changes: 0 };

/**
 * Runs a script in a transaction that begins and ends within one turn of the event loop.
 *
 * @param lockWaitMs How long it waits for another connection's lock, which blocks this thread.
 */
export function inOneTurn<T>(handle: SqliteHandle, script: () => SqlScript<T>, lockWaitMs = 0): T {
  const busyTimeout = handle.busyTimeout(lockWaitMs);
  // Split pages and updated rows leave copies of data too, so it is on for every transaction.
  const secureDelete = handle.secureDelete(1);
  try {
    runCommand(handle, 'begin immediate');
    try {
      const result = runThrough(handle, script());
      runCommand(handle, 'commit');
      return result;
    } catch (error) {
      // After errors such as a full disk, SQLite has rolled the transaction back itself.
      if (handle.inTransaction) runCommand(handle, 'rollback');
      throw error;
    }
  } finally {
    handle.secureDelete(secureDelete);
    handle.busyTimeout(busyTimeout);
  }
}

/** Whether the error is a conflict with another connection, so that a retry may succeed. */
export function isBusy(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code);
}

/** Runs a script within one turn of the event loop, without a transaction. */
export function runThrough<T>(handle: SqliteHandle, script: SqlScript<T>): T {
  let step = script.next();
  while (!step.done) {
    let result: SqlResult;
    try {
      result = step.value === PAUSE ? NOTHING : handle.run(step.value);
    } catch (error) {
      step = script.throw(error);
      continue;
    }
    step = script.next(result);
  }
  return step.value;
}

function runCommand(handle: SqliteHandle, sql: string): void {
  handle.run({ sql, values: [] });
}

const MAX_CHECKPOINTS = 20;
const WAIT_MS = 100;

/**
 * Writes SQLite's log into the file and empties the log, in which deleted rows would remain until
 * later writes replace them. Tries up to 20 times, 100 ms apart.
 *
 * @returns Whether it succeeded. A reader of an older state keeps the log.
 */
export async function truncateLog(
  run: (statement: SqlStatement) => Promise<readonly SqlRow[]>,
): Promise<boolean> {
  for (let tries = 0; tries < MAX_CHECKPOINTS; tries++) {
    const [row] = await run({ sql: 'pragma wal_checkpoint(truncate)', values: [] });
    if (Number(row?.['busy'] ?? 0) === 0) return true;
    await delay(WAIT_MS);
  }
  return false;
}
