import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout, UsageTableNames } from '../layout/sql-layout.js';
import type { BatchWriter } from '../records/batch-writer.js';
import type { SqliteHandle } from '../sqlite/sqlite-handle.js';

/** The storage options that concern its tables. */
export type TableOptions = UsageTableNames & { readonly runMigrations?: boolean };

/** An open database: the engine that runs statements on it, and the layout of its tables. */
export interface OpenDatabase {
  readonly engine: SqlEngine;
  readonly layout: SqlLayout;
  /** Writes batches. If absent, the engine does. */
  readonly batches?: BatchWriter;
  /**
   * Opens a synchronous connection for the end of the process, and terminates the threads if there
   * are any. Absent unless the database is an SQLite file of the storage's own.
   */
  readonly openAtEnd?: () => SqliteHandle;
  /**
   * A warning about how the database is opened. It is logged once the tables are known to be
   * usable.
   */
  readonly warning?: string;
}
