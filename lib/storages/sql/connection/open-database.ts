import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout, UsageTableNames } from '../layout/sql-layout.js';
import type { BatchWriter } from '../records/batch-writer.js';
import type { SqliteHandle } from '../sqlite/sqlite-handle.js';

/** The options of a storage that concern its tables. */
export type TableOptions = UsageTableNames & { readonly runMigrations?: boolean };

/** A database that is open: what runs statements on it, and what the tables are called there. */
export interface OpenDatabase {
  readonly engine: SqlEngine;
  readonly layout: SqlLayout;
  /** What writes batches; absent where the engine does. */
  readonly batches?: BatchWriter;
  /**
   * Opens a connection that answers at once, for when the process ends, and gives up all others;
   * absent where there is none.
   */
  readonly openAtEnd?: () => SqliteHandle;
  /** What has to be said of how it is open, once it is known that its tables can be used. */
  readonly warning?: string;
}
