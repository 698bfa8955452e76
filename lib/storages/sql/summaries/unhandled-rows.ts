import type { SummaryPeriod } from '../../../summary/index.js';
import type { BucketKey } from './sum-key.js';

// No period has such a name: these rows of the buckets' table are nobody's buckets, and version
// 0.1.0, which knows nothing of them, leaves them alone.
const UNHANDLED = ':unhandled';

/**
 * Where the table of buckets says how many rows of a bucket were made for keys of requests without
 * a handler. Whoever reads or writes it has locked the bucket.
 */
export function unhandledCount({ dimension, period, date }: BucketKey): BucketKey {
  return { dimension, period: unhandledPeriod(period), date };
}

export function unhandledPeriod(period: SummaryPeriod): SummaryPeriod {
  return (period + UNHANDLED) as SummaryPeriod;
}
