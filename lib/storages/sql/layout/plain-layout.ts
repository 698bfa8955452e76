import type { SqlDialect } from '../dialects/dialect.js';
import { NOTE_COLUMNS, RECORD_COLUMNS, SALT_COLUMNS } from './record-columns.js';
import { BUCKET_COLUMNS, SUMMARY_COLUMNS } from './summary-columns.js';
import type { SqlLayout, UsageTableNames } from './sql-layout.js';
import { Table } from './table.js';

/** The layout without a data source: the given table names, or else the library's own. */
export function plainLayout(
  dialect: SqlDialect,
  {
    recordTable = 'usage_records',
    summaryTable = 'usage_summaries',
    schema,
    partitions,
  }: UsageTableNames,
): SqlLayout {
  return {
    records: new Table(dialect, schema ?? null, recordTable, RECORD_COLUMNS),
    summaries: new Table(dialect, schema ?? null, summaryTable, SUMMARY_COLUMNS),
    buckets: new Table(dialect, schema ?? null, `${summaryTable}_buckets`, BUCKET_COLUMNS),
    salts: new Table(dialect, schema ?? null, `${recordTable}_salts`, SALT_COLUMNS),
    notes: new Table(dialect, schema ?? null, `${recordTable}_notes`, NOTE_COLUMNS),
    partitions: partitions ?? null,
  };
}
