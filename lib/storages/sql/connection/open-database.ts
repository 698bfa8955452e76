import type { SqliteHandle } from '../engines/sqlite-handle.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';

/** A database that is open: what runs statements on it, and what the tables are called there. */
export interface OpenDatabase {
  readonly engine: SqlEngine;
  readonly layout: SqlLayout;
  /**
   * Opens a connection that answers at once, for when the process ends, and gives up all others;
   * absent where there is none.
   */
  readonly openAtEnd?: () => SqliteHandle;
}
