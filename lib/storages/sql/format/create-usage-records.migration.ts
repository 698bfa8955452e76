import { createOuterPartitions } from '../partitions/partition-script.js';
import { createTable, dropTable } from './create-table.js';
import type { UsageMigration } from './usage-migration.js';

const DATE = { suffix: 'date', properties: ['date', 'id'] } as const;

/** The table of records, with the order that it is read in. */
export const createUsageRecords: UsageMigration = {
  name: 'CreateUsageRecords1795392000000',
  *up({ records, partitions }) {
    if (partitions === null) {
      yield* createTable(records, ['id'], [DATE]);
      return;
    }
    // What parts the rows has to be in every key. The same record has the same date each time.
    const by = `partition by range (${records.column('date')})`;
    if (yield* createTable(records, ['id', 'date'], [DATE], by))
      yield* createOuterPartitions(records);
  },
  down: ({ records }) => dropTable(records),
};
