import { MEASURES, type Measure, type MeasureName } from '../../../summary/index.js';
import type { Column } from '../dialects/shapes.js';

interface SummaryColumn extends Column {
  readonly property: 'dimension' | 'period' | 'date' | 'key' | 'longKey' | MeasureName | 'latency';
}

/** The columns of the measures, in their order. */
export const MEASURE_COLUMNS: readonly SummaryColumn[] = MEASURES.map((measure: Measure) => ({
  name: columnNameOf(measure),
  property: measure.name as MeasureName,
  kind: measure.unit === 'instant' ? 'instant' : 'bigint',
  // Version 0.1.0 goes on inserting rows that lack what came later.
  nullable: measure.since > 1,
}));

/** The columns of the summaries' table, in the order in which rows are bound. */
export const SUMMARY_COLUMNS: readonly SummaryColumn[] = [
  { name: 'dimension', property: 'dimension', kind: 'word' },
  { name: 'period', property: 'period', kind: 'word' },
  { name: 'date', property: 'date', kind: 'instant' },
  { name: 'key', property: 'key', kind: 'key' },
  { name: 'long_key', property: 'longKey', kind: 'text', nullable: true },
  ...MEASURE_COLUMNS,
  { name: 'latency', property: 'latency', kind: 'text' },
];

/** The columns of the buckets' table: how many rows of summaries each bucket has. */
export const BUCKET_COLUMNS = [
  { name: 'dimension', property: 'dimension', kind: 'word' },
  { name: 'period', property: 'period', kind: 'word' },
  { name: 'date', property: 'date', kind: 'instant' },
  { name: 'keys', property: 'keys', kind: 'bigint' },
] as const satisfies readonly Column[];

/** `firstSeen` as `first_seen`, and `duration`, in microseconds, as `duration_us`. */
function columnNameOf({ name, unit }: Measure): string {
  const words = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return unit === 'microseconds' ? `${words}_us` : words;
}
