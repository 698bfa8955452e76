import type { SqlLayout } from '../layout/sql-layout.js';
import { inOneTurn, runThrough, type SqliteHandle } from '../sqlite/sqlite-handle.js';
import { refuseNewer } from './format-note.js';
import { migrate, pendingMigrations } from './migrate.js';

/**
 * How long the migration waits for another process that writes, such as an older version in a
 * rolling deployment.
 */
const LOCK_WAIT_MS = 5000;

/**
 * Migrates the tables of an SQLite file synchronously.
 *
 * @throws {NewerFormatError} if only the code of newer formats may write the tables.
 */
export function migrateInOneTurn(handle: SqliteHandle, layout: SqlLayout): void {
  runThrough(handle, refuseNewer(layout));
  const pending = runThrough(handle, pendingMigrations(layout));
  if (pending.length > 0) inOneTurn(handle, () => migrate(layout), LOCK_WAIT_MS);
}
