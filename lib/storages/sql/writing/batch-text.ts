import type { UsageRecord } from '../../../record/index.js';
import {
  decodeLatency,
  encodeLatency,
  type LatencyCounts,
  type SummaryIncrement,
} from '../../../summary/index.js';
import type { Batch } from './batch-writer.js';

type IncrementRow = [
  string,
  SummaryIncrement['period'],
  number,
  string,
  number,
  number,
  number,
  number,
  string,
];

/** A batch as text: it goes to another thread in half the time that an object takes. */
export function batchText({ records, increments }: Batch): string {
  // Buckets of several periods share their latency.
  const texts = new Map<LatencyCounts, string>();
  const rows = increments.map((increment): IncrementRow => {
    const { dimension, period, bucket, key, hits, transfer, errors, duration, latency } = increment;
    let text = texts.get(latency);
    if (text === undefined) texts.set(latency, (text = encodeLatency(latency)));
    return [dimension, period, bucket, key, hits, transfer, errors, duration, text];
  });
  return JSON.stringify([records, rows]);
}

export function batchOfText(text: string): Batch {
  const [records, rows] = JSON.parse(text) as [UsageRecord[], IncrementRow[]];
  for (const record of records) (record as { date: Date }).date = new Date(record.date);
  return {
    records,
    increments: rows.map(
      ([dimension, period, bucket, key, hits, transfer, errors, duration, latency]) => ({
        dimension,
        period,
        bucket,
        key,
        hits,
        transfer,
        errors,
        duration,
        latency: decodeLatency(latency),
      }),
    ),
  };
}
