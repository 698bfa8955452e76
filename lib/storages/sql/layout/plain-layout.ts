import type { SqlDialect } from '../dialects/dialect.js';
import { RECORD_COLUMNS } from '../records/record-columns.js';
import { BUCKET_COLUMNS, SUMMARY_COLUMNS } from '../summaries/summary-columns.js';
import { SALT_COLUMNS } from '../visitors/salt-columns.js';
import type { SqlLayout } from './sql-layout.js';
import { Table } from './table.js';

/** Tables under the library's own names for columns, without a data source. */
export function plainLayout(
  dialect: SqlDialect,
  { recordTable, summaryTable }: { recordTable: string; summaryTable: string },
): SqlLayout {
  return {
    records: new Table(dialect, null, recordTable, RECORD_COLUMNS),
    summaries: new Table(dialect, null, summaryTable, SUMMARY_COLUMNS),
    buckets: new Table(dialect, null, `${summaryTable}_buckets`, BUCKET_COLUMNS),
    salts: new Table(dialect, null, `${recordTable}_salts`, SALT_COLUMNS),
    partitions: null,
  };
}
