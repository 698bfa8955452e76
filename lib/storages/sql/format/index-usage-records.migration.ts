import { createIndex, dropIndex, type IndexShape } from './create-table.js';
import type { RecordTable } from '../layout/sql-layout.js';
import type { UsageMigration } from './usage-migration.js';

type RecordColumn = RecordTable['columns'][number];

/**
 * Whose requests: what few records have, and most have none. An index of records without a value
 * costs next to nothing. Routes, statuses and addresses, which every record has, are looked for
 * along the dates, the newest first: an index of addresses alone would triple what an insert costs
 * PostgreSQL, and the README tells what a question costs without.
 */
const INDEXES: readonly IndexShape<RecordColumn>[] = [
  { suffix: 'username', properties: ['username', 'date', 'id'] },
  { suffix: 'visitor', properties: ['visitorId', 'date', 'id'] },
];

export const indexUsageRecords: UsageMigration = {
  name: 'IndexUsageRecords1795392000003',
  *up({ records }) {
    for (const index of INDEXES) yield* createIndex(records, index);
  },
  *down({ records }) {
    for (const { suffix } of INDEXES) yield* dropIndex(records, suffix);
  },
};
