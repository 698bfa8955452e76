import type { SqlLayout } from '../layout/sql-layout.js';
import { inOneTurn, runThrough, type SqliteHandle } from '../sqlite/sqlite-handle.js';
import { checkFormat } from './format-note.js';
import { migrate, pendingMigrations } from './migrate.js';

/** Brings the tables of an SQLite file up to date before anyone else's turn. */
export function migrateInOneTurn(handle: SqliteHandle, layout: SqlLayout): void {
  runThrough(handle, checkFormat(layout));
  const pending = runThrough(handle, pendingMigrations(layout));
  if (pending.length > 0) inOneTurn(handle, () => migrate(layout));
}
