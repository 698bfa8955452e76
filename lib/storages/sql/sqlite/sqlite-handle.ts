import { setTimeout as delay } from 'node:timers/promises';
import type { SqlRow } from '../dialects/shapes.js';
import { type SqlResult, type SqlStatement, PAUSE, type SqlScript } from '../sql-statement.js';

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

const NOTHING: SqlResult = { rows: [], changes: 0 };

/**
 * Runs a script in a transaction that begins and ends before anyone else's turn.
 *
 * @param lockWaitMs How long it waits for another connection's lock, and this thread with it.
 */
export function inOneTurn<T>(handle: SqliteHandle, script: () => SqlScript<T>, lockWaitMs = 0): T {
  const busyTimeout = handle.busyTimeout(lockWaitMs);
  // Pages that are split and rows that are updated leave copies too: it has to be on all the time.
  const secureDelete = handle.secureDelete(1);
  try {
    command(handle, 'begin immediate');
    try {
      const result = runThrough(handle, script());
      command(handle, 'commit');
      return result;
    } catch (error) {
      // SQLite has ended the transaction itself after errors such as a full disk.
      if (handle.inTransaction) command(handle, 'rollback');
      throw error;
    }
  } finally {
    handle.secureDelete(secureDelete);
    handle.busyTimeout(busyTimeout);
  }
}

/** Whether another connection was in the way, so that trying again may help. */
export function isBusy(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^SQLITE_(BUSY|LOCKED)/.test(code);
}

/** Runs a script without a turn of anyone else's, and without a transaction. */
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

function command(handle: SqliteHandle, sql: string): void {
  handle.run({ sql, values: [] });
}

const MAX_CHECKPOINTS = 20;
const WAIT_MS = 100;

/**
 * Brings what SQLite's log holds into the file and empties the log, in which deleted rows would
 * stand until others take their place.
 *
 * @returns Whether it could be done: whoever reads an older state keeps the log.
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
