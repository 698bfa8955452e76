import type { SqlLayout } from '../layout/sql-layout.js';
import { inOneTurn, runThrough, type SqliteHandle } from '../sqlite/sqlite-handle.js';
import { refuseNewer } from './format-note.js';
import { migrate, pendingMigrations } from './migrate.js';

/** Another process may be writing, an older one in a rolling deployment; it is done in a moment. */
const LOCK_WAIT_MS = 5000;

/** Brings the tables of an SQLite file up to date before anyone else's turn. */
export function migrateInOneTurn(handle: SqliteHandle, layout: SqlLayout): void {
  runThrough(handle, refuseNewer(layout));
  const pending = runThrough(handle, pendingMigrations(layout));
  if (pending.length > 0) inOneTurn(handle, () => migrate(layout), LOCK_WAIT_MS);
}
