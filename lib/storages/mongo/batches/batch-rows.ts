import {
  byBucket,
  decodeLatency,
  encodeLatency,
  readCounts,
  rowWith,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';

type Counts = [
  key: string,
  hits: number,
  transfer: number,
  errors: number,
  duration: number,
  latency: string,
];
type Run = [dimension: string, period: SummaryPeriod, bucket: number, rows: Counts[]];

/** Increments as text for one field: what a batch will add, once that is decided. */
export function rowsText(increments: readonly SummaryIncrement[]): string {
  const runs = [...byBucket(increments)].map((run): Run => {
    const { dimension, period, bucket } = run[0]!;
    return [
      dimension,
      period,
      bucket,
      run.map(({ key, hits, transfer, errors, duration, latency }) => [
        key,
        hits,
        transfer,
        errors,
        duration,
        latencyText(latency),
      ]),
    ];
  });
  return JSON.stringify(runs);
}

export function rowsOf(text: string): SummaryIncrement[] {
  return (JSON.parse(text) as Run[]).flatMap(([dimension, period, bucket, rows]) =>
    rows.map(([key, hits, transfer, errors, duration, latency]) => {
      const counts = readCounts([hits, transfer, errors, duration], latencyOf(latency));
      return rowWith(dimension, period, bucket, key, counts);
    }),
  );
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
