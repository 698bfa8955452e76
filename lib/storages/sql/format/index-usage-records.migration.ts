import type { Column, IndexShape } from '../dialects/shapes.js';
import { createIndex, dropIndex } from './table-changes.js';
import type { UsageMigration } from './usage-migration.js';

const COLUMNS = [
  { name: 'id', property: 'id', kind: 'id' },
  { name: 'date', property: 'date', kind: 'instant' },
  { name: 'username', property: 'username', kind: 'text', nullable: true },
  { name: 'visitor_id', property: 'visitorId', kind: 'text', nullable: true },
] as const satisfies readonly Column[];

/**
 * Indexes of the columns that identify a person. Few records have a value in them, and an index of
 * records without a value costs next to nothing. Queries for routes, statuses and addresses, which
 * every record has, scan by date, newest first: an index of addresses alone would triple the cost
 * of an insert on PostgreSQL. The manual says what such a query costs without an index.
 */
const INDEXES: readonly IndexShape<(typeof COLUMNS)[number]>[] = [
  { suffix: 'username', properties: ['username', 'date', 'id'] },
  { suffix: 'visitor', properties: ['visitorId', 'date', 'id'] },
];

/** Creates the indexes of users and visitors. */
export const indexUsageRecords: UsageMigration = {
  name: 'IndexUsageRecords1795392000003',
  columns: ({ records }) => [records.withColumns(COLUMNS)],
  indexes: ({ records }) =>
    INDEXES.map((index) => ({ table: records.withColumns(COLUMNS), index })),
  *up({ records }) {
    const table = records.withColumns(COLUMNS);
    for (const index of INDEXES) yield* createIndex(table, index);
  },
  *down({ records }) {
    for (const { suffix } of INDEXES) yield* dropIndex(records, suffix);
  },
};
