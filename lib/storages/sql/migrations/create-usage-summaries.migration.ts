import { createTable, dropTable } from './create-table.js';
import type { UsageMigration } from './usage-migration.js';

/** The table of summaries, in the order that it is read in. */
export const createUsageSummaries: UsageMigration = {
  name: 'CreateUsageSummaries1795392000001',
  up: ({ summaries }) => createTable(summaries, ['dimension', 'period', 'date', 'keyId']),
  down: ({ summaries }) => dropTable(summaries),
};
