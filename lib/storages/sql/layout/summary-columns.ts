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
  // Version 0.1.0 may go on inserting rows without the later measures.
  nullable: measure.since > 1,
}));

/** The columns of the summaries' table, in the order in which values are bound. */
export const SUMMARY_COLUMNS: readonly SummaryColumn[] = [
  { name: 'dimension', property: 'dimension', kind: 'word' },
  { name: 'period', property: 'period', kind: 'word' },
  { name: 'date', property: 'date', kind: 'instant' },
  { name: 'key', property: 'key', kind: 'key' },
  { name: 'long_key', property: 'longKey', kind: 'text', nullable: true },
  ...MEASURE_COLUMNS,
  { name: 'latency', property: 'latency', kind: 'text' },
];

/** The columns of the buckets' table, which counts each bucket's rows of sums. */
export const BUCKET_COLUMNS = [
  { name: 'dimension', property: 'dimension', kind: 'word' },
  { name: 'period', property: 'period', kind: 'word' },
  { name: 'date', property: 'date', kind: 'instant' },
  { name: 'keys', property: 'keys', kind: 'bigint' },
] as const satisfies readonly Column[];

/**
 * The name of a measure's column: `first_seen` for `firstSeen`, `duration_us` for `duration`, which
 * is stored in microseconds.
 */
function columnNameOf({ name, unit }: Measure): string {
  const words = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return unit === 'microseconds' ? `${words}_us` : words;
}
