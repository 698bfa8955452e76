import { PAUSE, type SqlResult, type SqlScript } from '../sql-statement.js';
import type { SqliteHandle } from './sqlite-handle-old.js';

const NOTHING: SqlResult = { rows: [], changes: 0 };

/** Runs a script in a transaction that begins and ends before anyone else's turn. */
export function inOneTurn<T>(handle: SqliteHandle, script: () => SqlScript<T>): T {
  const busyTimeout = handle.busyTimeout(0);
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
