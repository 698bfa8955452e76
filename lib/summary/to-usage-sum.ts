import { percentiles } from './latency-counts.js';
import type { SummaryCounts, SummaryRow } from './summary-increment.js';
import type { UsageSum } from './usage-sum.js';

const PERCENTS = [50, 95, 99];

/** What `getSum` reports of a row. */
export function toUsageSum(row: Pick<SummaryRow, 'bucket' | 'key'> & SummaryCounts): UsageSum {
  const [p50 = 0, p95 = 0, p99 = 0] = percentiles(row.latency, PERCENTS);
  return {
    date: new Date(row.bucket),
    key: row.key,
    hits: row.hits,
    transfer: row.transfer,
    errors: row.errors,
    duration: row.duration / 1e6,
    p50,
    p95,
    p99,
  };
}
