import { percentiles, type OnSlot } from './latency-counts.js';
import { LatencyTally } from './latency-tally.js';
import { reportMeasures } from './known-measures.js';
import type { Measures, SummaryCounts } from './measures.js';
import type { SummaryRow } from './summary-increment.js';
import type { UsageSum } from './usage-sum.js';

const PERCENTS = [50, 95, 99];

type Place = Pick<SummaryRow, 'bucket' | 'key'>;

/** A row without its latency counts. */
interface PlainRow extends Place {
  readonly counts: Measures;
}

/** Converts a row to what `getSum` reports. */
export function toUsageSum(row: Place & SummaryCounts): UsageSum {
  return withPercentiles(reportedCounts(row, row), percentiles(row.latency, PERCENTS));
}

/**
 * Converts a stored row to what `getSum` reports, without a map of its latency counts.
 *
 * @param read Reads the row. It passes each latency slot to `onSlot` and returns the rest, or null
 * if there is no row.
 */
export function readUsageSum(read: (onSlot: OnSlot) => PlainRow): UsageSum;
export function readUsageSum(read: (onSlot: OnSlot) => PlainRow | null): UsageSum | null;
export function readUsageSum(read: (onSlot: OnSlot) => PlainRow | null): UsageSum | null {
  tally.clear();
  const row = read(onSlot);
  return row && withPercentiles(reportedCounts(row, row.counts), tally.percentiles(PERCENTS));
}

const tally = new LatencyTally();
const onSlot: OnSlot = (slot, count) => tally.add(slot, count);

/** What `getSum` reports of a row, without the percentiles. */
export function reportedCounts(
  { bucket, key }: Place,
  counts: Measures,
): Omit<UsageSum, 'p50' | 'p95' | 'p99'> {
  const reported = { date: new Date(bucket), key };
  reportMeasures(counts, reported);
  return reported;
}

function withPercentiles(
  sum: Omit<UsageSum, 'p50' | 'p95' | 'p99'>,
  [p50 = 0, p95 = 0, p99 = 0]: readonly number[],
): UsageSum {
  return Object.assign(sum, { p50, p95, p99 });
}
