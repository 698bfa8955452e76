import { createTable, dropTable } from './create-table.js';
import type { UsageMigration } from './usage-migration.js';

const KEY = ['dimension', 'period', 'date'] as const;

/** The tables of summaries, in the order that they are read in. */
export const createUsageSummaries: UsageMigration = {
  name: 'CreateUsageSummaries1795392000001',
  *up({ summaries, buckets }) {
    yield* createTable(summaries, ['dimension', 'period', 'date', 'key']);
    yield* createTable(buckets, KEY);
    // The row of no bucket, which a rebuild locks where the database has no other lock for it.
    yield* buckets.dialect.upsert(buckets, { key: KEY, add: ['keys'], set: [] }, [['', '', 0, 0]]);
  },
  *down({ summaries, buckets }) {
    yield* dropTable(summaries);
    yield* dropTable(buckets);
  },
};
