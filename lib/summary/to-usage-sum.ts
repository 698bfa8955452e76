import { percentiles } from './latency-counts.js';
import type { LatencyTally } from './latency-tally.js';
import type { SummaryCounts, SummaryRow } from './summary-increment.js';
import type { UsageSum } from './usage-sum.js';

const PERCENTS = [50, 95, 99];

type Row = Pick<SummaryRow, 'bucket' | 'key'>;

/** What `getSum` reports of a row. */
export function toUsageSum(row: Row & SummaryCounts): UsageSum {
  return usageSum(row, row, percentiles(row.latency, PERCENTS));
}

/** The same of a row whose latency has been counted; the tally is empty then. */
export function tallyToUsageSum(
  row: Row,
  counts: Omit<SummaryCounts, 'latency'>,
  latency: LatencyTally,
): UsageSum {
  return usageSum(row, counts, latency.take(PERCENTS));
}

function usageSum(
  { bucket, key }: Row,
  { hits, transfer, errors, duration }: Omit<SummaryCounts, 'latency'>,
  [p50 = 0, p95 = 0, p99 = 0]: readonly number[],
): UsageSum {
  return {
    date: new Date(bucket),
    key,
    hits,
    transfer,
    errors,
    duration: duration / 1e6,
    p50,
    p95,
    p99,
  };
}
