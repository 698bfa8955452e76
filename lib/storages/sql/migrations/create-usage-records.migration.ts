import { createTable, dropTable } from './create-table.js';
import type { UsageMigration } from './usage-migration.js';

/** The table of records, with the order that it is read in. */
export const createUsageRecords: UsageMigration = {
  name: 'CreateUsageRecords1795392000000',
  up: ({ records }) =>
    createTable(records, ['id'], [{ suffix: 'date', properties: ['date', 'id'] }]),
  down: ({ records }) => dropTable(records),
};
