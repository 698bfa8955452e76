import type { Column } from '../dialects/shapes.js';
import { createTable, dropTable } from './table-changes.js';
import type { UsageMigration } from './usage-migration.js';

const COLUMNS = [
  { name: 'day', property: 'day', kind: 'word' },
  { name: 'salt', property: 'salt', kind: 'word' },
] as const satisfies readonly Column[];

/** Creates the table of the salts that processes share for daily visitors. */
export const createUsageSalts: UsageMigration = {
  name: 'CreateUsageSalts1795392000002',
  columns: ({ salts }) => [salts.withColumns(COLUMNS)],
  up: ({ salts }) => createTable(salts.withColumns(COLUMNS), ['day']),
  down: ({ salts }) => dropTable(salts),
};
