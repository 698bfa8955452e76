import {
  decodeLatency,
  readLatency,
  readCounts,
  readUsageSum,
  rowWith,
  type MutableCounts,
  type SummaryIncrement,
  type SummaryPeriod,
  type UsageSum,
} from '../../../summary/index.js';
import type { BucketTotal, ScannedSum } from '../../base/storage-parts.js';
import type { SqlRow } from '../dialects/shapes.js';
import { MEASURE_COLUMNS } from '../layout/summary-columns.js';

/** Converts a row of the summaries' table to an increment. */
export function sumOfRow(row: SqlRow): SummaryIncrement {
  const { bucket, key } = placeOf(row);
  const counts = countsOf(row, decodeLatency(row['latency'] as string));
  const [dimension, period] = [row['dimension'] as string, row['period'] as SummaryPeriod];
  return rowWith(dimension, period, bucket, key, counts);
}

/** Converts a row to the sum that `getSum` returns. */
export function usageSumOfRow(row: SqlRow): UsageSum {
  return readUsageSum((onSlot) => {
    readLatency(row['latency'] as string, onSlot);
    return { ...placeOf(row), counts: countsOf(row) };
  });
}

/** Converts a row to one of a scan. */
export function scannedSumOf(row: SqlRow): ScannedSum {
  const latency = row['latency'] as string | undefined;
  return {
    ...placeOf(row),
    counts: countsOf(row),
    eachSlot(onSlot) {
      if (latency !== undefined) readLatency(latency, onSlot);
    },
  };
}

export function bucketTotalOf(row: SqlRow): BucketTotal {
  return {
    bucket: Number(row['date']),
    hits: Number(row['hits']),
    measured: Number(row['measured'] ?? 0),
  };
}

function placeOf(row: SqlRow) {
  return { bucket: Number(row['date']), key: (row['long_key'] ?? row['key']) as string };
}

/** The measures of a row, without its latency unless it is given. */
export function countsOf(row: SqlRow, latency?: Map<number, number>): MutableCounts {
  return readCounts(
    MEASURE_COLUMNS.map(({ name }) => row[name]),
    latency,
  );
}
