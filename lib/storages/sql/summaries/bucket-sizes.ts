import type { SummaryPeriod } from '../../../summary/index.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { BucketTable } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import { BUCKET_KEY, bucketId, type BucketKey } from '../dialects/sum-key.js';

/**
 * Locks buckets against other writers that add rows, until the transaction ends.
 *
 * @param buckets In lock order.
 * @returns How many rows each bucket has.
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

/** Adds to the number of rows of each bucket, in lock order. */
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

// No period has such a name, so these rows of the buckets' table are not buckets. Version 0.1.0
// does not know them and leaves them alone.
const UNHANDLED = ':unhandled';

/**
 * The key in the buckets' table that counts a bucket's rows of requests without a handler. Lock the
 * bucket before reading or writing this count.
 */
export function unhandledCount({ dimension, period, date }: BucketKey): BucketKey {
  return { dimension, period: unhandledPeriod(period), date };
}

/**
 * The period under which the buckets' table counts a bucket's rows of requests without a handler.
 */
export function unhandledPeriod(period: SummaryPeriod): SummaryPeriod {
  return (period + UNHANDLED) as SummaryPeriod;
}
