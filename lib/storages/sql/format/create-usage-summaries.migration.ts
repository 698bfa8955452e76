import type { Column } from '../dialects/shapes.js';
import { createTable, dropTable } from './table-changes.js';
import type { UsageMigration } from './usage-migration.js';

const SUMMARY_COLUMNS = [
  { name: 'dimension', property: 'dimension', kind: 'word' },
  { name: 'period', property: 'period', kind: 'word' },
  { name: 'date', property: 'date', kind: 'instant' },
  { name: 'key', property: 'key', kind: 'key' },
  { name: 'long_key', property: 'longKey', kind: 'text', nullable: true },
  { name: 'hits', property: 'hits', kind: 'bigint' },
  { name: 'transfer', property: 'transfer', kind: 'bigint' },
  { name: 'errors', property: 'errors', kind: 'bigint' },
  { name: 'duration_us', property: 'duration', kind: 'bigint' },
  { name: 'latency', property: 'latency', kind: 'text' },
] as const satisfies readonly Column[];

const BUCKET_COLUMNS = [
  { name: 'dimension', property: 'dimension', kind: 'word' },
  { name: 'period', property: 'period', kind: 'word' },
  { name: 'date', property: 'date', kind: 'instant' },
  { name: 'keys', property: 'keys', kind: 'bigint' },
] as const satisfies readonly Column[];

const KEY = ['dimension', 'period', 'date'] as const;

/**
 * Creates the tables of summaries and of buckets, each with a primary key in the order in which it
 * is read.
 */
export const createUsageSummaries: UsageMigration = {
  name: 'CreateUsageSummaries1795392000001',
  columns: (layout) => [
    layout.summaries.withColumns(SUMMARY_COLUMNS),
    layout.buckets.withColumns(BUCKET_COLUMNS),
  ],
  *up(layout) {
    const buckets = layout.buckets.withColumns(BUCKET_COLUMNS);
    yield* createTable(layout.summaries.withColumns(SUMMARY_COLUMNS), [...KEY, 'key']);
    yield* createTable(buckets, KEY);
    // The sentinel row, which belongs to no bucket. Transactions lock it on databases that have no
    // other lock for `lockShared` and `lockExclusive`.
    yield* buckets.dialect.upsert(buckets, { key: KEY, add: ['keys'], set: [] }, [['', '', 0, 0]]);
  },
  *down({ summaries, buckets }) {
    yield* dropTable(summaries);
    yield* dropTable(buckets);
  },
};
