import type { Column } from '../layout/column.js';

/** The columns of the summaries' table. */
export const SUMMARY_COLUMNS = [
  { name: 'dimension', property: 'dimension', kind: 'word' },
  { name: 'period', property: 'period', kind: 'word' },
  { name: 'date', property: 'date', kind: 'instant' },
  { name: 'key_id', property: 'keyId', kind: 'keyId' },
  { name: 'key', property: 'key', kind: 'text' },
  { name: 'hits', property: 'hits', kind: 'bigint' },
  { name: 'transfer', property: 'transfer', kind: 'bigint' },
  { name: 'errors', property: 'errors', kind: 'bigint' },
  { name: 'duration_us', property: 'duration', kind: 'bigint' },
  { name: 'latency', property: 'latency', kind: 'text' },
] as const satisfies readonly Column[];
