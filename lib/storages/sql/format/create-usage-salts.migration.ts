import { createTable, dropTable } from './create-table.js';
import type { UsageMigration } from './usage-migration.js';

/** The table of the salts that the processes share for daily visitors. */
export const createUsageSalts: UsageMigration = {
  name: 'CreateUsageSalts1795392000002',
  up: ({ salts }) => createTable(salts, ['day']),
  down: ({ salts }) => dropTable(salts),
};
