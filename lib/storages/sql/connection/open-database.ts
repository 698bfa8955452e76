import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';

/** A database that is open: what runs statements on it, and what the tables are called there. */
export interface OpenDatabase {
  readonly engine: SqlEngine;
  readonly layout: SqlLayout;
}
