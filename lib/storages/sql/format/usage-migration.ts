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
 * One step of the schema. Running it where it has run already changes nothing.
 *
 * A step is frozen once it is released: it names its columns itself, with the kinds that they have,
 * and makes no use of lists that a later version adds to (`table.withColumns(COLUMNS)`). A later
 * version adds a step to the end of `USAGE_MIGRATIONS`.
 */
export interface UsageMigration {
  /** With the time of its making, as TypeORM wants it. */
  readonly name: string;
  /**
   * Tables with the columns that the step makes sure of, or works on: it has to run, whatever the
   * ledger says, where one of them is missing. An older version makes a table that was lost as it
   * knows it.
   */
  columns(layout: SqlLayout): readonly Table[];
  /**
   * Indexes that the step makes on a table that may have many rows. `open()` makes them afterwards
   * where making them takes long, in a way that holds up no writer.
   */
  indexes?(layout: SqlLayout): readonly TableIndex[];
  up(layout: SqlLayout): SqlScript<unknown>;
  down(layout: SqlLayout): SqlScript;
}
