import type { Column, IndexShape } from '../dialects/shapes.js';
import type { Table } from '../layout/table.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';

/** An index and its table. */
export interface TableIndex {
  readonly table: Table;
  readonly index: IndexShape<Column>;
}

/**
 * One migration of the schema. Running it again changes nothing.
 *
 * A migration is frozen once it is released. It names its columns and their kinds itself
 * (`table.withColumns(COLUMNS)`) and does not use lists that a later version extends. A later
 * version adds a migration to the end of `USAGE_MIGRATIONS`.
 */
export interface UsageMigration {
  /** Ends in its time of creation in milliseconds, as TypeORM requires. */
  readonly name: string;
  /**
   * Whether the library works without it. If it fails when the storage opens, a warning says why,
   * and the next start tries again. If it fails among the application's migrations, a warning says
   * why, and they go on.
   * @default false
   */
  readonly isOptional?: boolean;
  /**
   * The tables with the columns that the migration creates or uses. If one of these columns is
   * missing, the migration has to run, whatever the ledger says: an older version recreates a lost
   * table with only the columns that it knows.
   */
  columns(layout: SqlLayout): readonly Table[];
  /**
   * Whether all else that the migration creates is there. If not, it has to run again.
   * @default true
   */
  isDone?(layout: SqlLayout): SqlScript<boolean>;
  /**
   * Indexes that the migration creates on a table that may have many rows. If creating them would
   * take long, `open()` defers them and they are built without blocking writers.
   */
  indexes?(layout: SqlLayout): readonly TableIndex[];
  up(layout: SqlLayout): SqlScript<unknown>;
  down(layout: SqlLayout): SqlScript;
}
