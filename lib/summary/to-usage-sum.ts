import { percentiles, type OnSlot } from './latency-counts.js';
import { LatencyTally } from './latency-tally.js';
import type { SummaryCounts, SummaryRow } from './summary-increment.js';
import type { UsageSum } from './usage-sum.js';

const PERCENTS = [50, 95, 99];

/** A row without its latency. */
type PlainRow = Pick<SummaryRow, 'bucket' | 'key'> & Omit<SummaryCounts, 'latency'>;

/** What `getSum` reports of a row. */
export function toUsageSum(row: PlainRow & Pick<SummaryCounts, 'latency'>): UsageSum {
  return usageSum(row, percentiles(row.latency, PERCENTS));
}

/**
 * The same of a row as it is stored, whose counts of latency need not become a map.
 *
 * @param read Reads the row: it tells of each slot and gives the rest, or null if there is no row.
 */
export function readUsageSum(read: (onSlot: OnSlot) => PlainRow): UsageSum;
export function readUsageSum(read: (onSlot: OnSlot) => PlainRow | null): UsageSum | null;
export function readUsageSum(read: (onSlot: OnSlot) => PlainRow | null): UsageSum | null {
  tally.clear();
  const row = read(onSlot);
  return row && usageSum(row, tally.percentiles(PERCENTS));
}

const tally = new LatencyTally();
const onSlot: OnSlot = (slot, count) => tally.add(slot, count);

function usageSum(row: PlainRow, [p50 = 0, p95 = 0, p99 = 0]: readonly number[]): UsageSum {
  return { ...reportedCounts(row), p50, p95, p99 };
}

/** What is reported of a row beside its latency: the bucket as a date, the duration in seconds. */
export function reportedCounts({ bucket, key, hits, transfer, errors, duration }: PlainRow) {
  return { date: new Date(bucket), key, hits, transfer, errors, duration: duration / 1e6 };
}
