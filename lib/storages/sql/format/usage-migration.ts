import type { SqlLayout } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';

/** One step of the schema. Running it where it has run already changes nothing. */
export interface UsageMigration {
  /** With the time of its making, as TypeORM wants it. */
  readonly name: string;
  up(layout: SqlLayout): SqlScript<unknown>;
  down(layout: SqlLayout): SqlScript;
}
