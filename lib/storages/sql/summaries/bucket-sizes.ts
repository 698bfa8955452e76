import type { SummaryPeriod } from '../../../summary/index.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { BucketTable } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import { BUCKET_KEY, bucketId, type BucketKey } from '../dialects/sum-key.js';

/**
 * Keeps other writers from adding rows to some buckets until the transaction ends.
 *
 * @param buckets In lock order.
 * @returns How many rows each has.
 */
export function* lockBuckets(
  table: BucketTable,
  buckets: readonly BucketKey[],
): SqlScript<Map<string, number>> {
  yield* addToBuckets(
    table,
    buckets.map((bucket) => [bucket, 0]),
  );
  const rows = yield* table.dialect.readBuckets(table, buckets);
  return new Map(rows.map((row) => [bucketId(bucketOf(row)), Number(row['keys'])]));
}

/** Notes that rows have been added to buckets, in lock order. */
export function* addToBuckets(
  table: BucketTable,
  added: readonly (readonly [bucket: BucketKey, rows: number])[],
): SqlScript {
  if (added.length === 0) return;
  yield* table.dialect.upsert(
    table,
    { key: BUCKET_KEY, add: ['keys'], set: [] },
    added.map(([{ dimension, period, date }, rows]) => [dimension, period, date, rows]),
  );
}

function bucketOf(row: SqlRow): BucketKey {
  return { ...(row as unknown as BucketKey), date: Number(row['date']) };
}

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
