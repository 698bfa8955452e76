import type { Column } from '../dialects/shapes.js';

/** The columns of the summaries' table, in the order in which rows are bound. */
export const SUMMARY_COLUMNS = [
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

/** The columns of the buckets' table: how many rows of summaries each bucket has. */
export const BUCKET_COLUMNS = [
  { name: 'dimension', property: 'dimension', kind: 'word' },
  { name: 'period', property: 'period', kind: 'word' },
  { name: 'date', property: 'date', kind: 'instant' },
  { name: 'keys', property: 'keys', kind: 'bigint' },
] as const satisfies readonly Column[];
