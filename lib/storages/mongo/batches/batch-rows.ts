import {
  byBucket,
  decodeLatency,
  encodeLatency,
  MEASURES,
  measureValues,
  readCounts,
  rowWith,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import type { Correction } from '../summaries/corrections.js';

/**
 * A key, its measures of format 1, its latency, its other measures, and the hits that a correction
 * was compared at. Version 0.1.0 reads as far as the latency, and writes no more.
 */
type Counts = [key: string, ...values: unknown[]];
type Run = [dimension: string, period: SummaryPeriod, bucket: number, rows: Counts[]];

const FIRST = MEASURES.filter(({ since }) => since === 1).length;

/** Increments as text for one field: what a batch will add, once that is decided. */
export function rowsText(increments: readonly Correction[]): string {
  const runs = [...byBucket(increments)].map((run): Run => {
    const { dimension, period, bucket } = run[0]!;
    return [dimension, period, bucket, run.map(countsText)];
  });
  return JSON.stringify(runs);
}

export function rowsOf(text: string): Correction[] {
  return (JSON.parse(text) as Run[]).flatMap(([dimension, period, bucket, rows]) =>
    rows.map(([key, ...values]) => {
      const latency = latencyOf(values[FIRST] as string);
      const rest = (values[FIRST + 1] ?? []) as (number | null)[];
      const counts = readCounts([...values.slice(0, FIRST), ...rest], latency);
      const row = rowWith(dimension, period, bucket, key, counts);
      const comparedAt = values[FIRST + 2] as number | undefined;
      return comparedAt === undefined ? row : Object.assign(row, { comparedAt });
    }),
  );
}

function countsText(row: Correction): Counts {
  const values = measureValues(row);
  const counts = [
    row.key,
    ...values.slice(0, FIRST),
    latencyText(row.latency),
    values.slice(FIRST),
  ];
  if (row.comparedAt !== undefined) counts.push(row.comparedAt);
  return counts as Counts;
}

// Corrections take away too, which the text of stored counts cannot say.
function latencyText(latency: SummaryIncrement['latency']): string {
  for (const count of latency.values())
    if (count < 0) return JSON.stringify([...latency].map(([slot, count]) => [slot, count]));
  return encodeLatency(latency);
}

function latencyOf(text: string): Map<number, number> {
  if (text.startsWith('[')) return new Map(JSON.parse(text) as [number, number][]);
  return decodeLatency(text);
}
