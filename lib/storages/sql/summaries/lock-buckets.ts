import type { BucketTable } from '../layout/sql-layout.js';
import { SqlBindings, type SqlScript } from '../sql-statement.js';
import { bucketId, type SumKey } from './sum-key.js';

type Bucket = Omit<SumKey, 'key'>;

const KEY = ['dimension', 'period', 'date'] as const;

/**
 * Keeps other writers from adding rows to some buckets until the transaction ends.
 *
 * @param buckets In the order of writers.
 * @returns How many rows each has.
 */
export function* lockBuckets(
  table: BucketTable,
  buckets: readonly Bucket[],
): SqlScript<Map<string, number>> {
  yield* addToBuckets(
    table,
    buckets.map((bucket) => [bucket, 0]),
  );
  const bindings = new SqlBindings(table.dialect);
  const terms = buckets.map(
    (bucket) =>
      `(${KEY.map((each) => `t.${table.column(each)} = ${bindings.add(bucket[each])}`).join(' and ')})`,
  );
  const { rows } = yield {
    sql: `select ${table.selectList('t')} from ${table.path} t where ${terms.join(' or ')}`,
    values: bindings.values,
  };
  return new Map(rows.map((row) => [bucketId(bucketOf(row)), Number(row['keys'])]));
}

/** Notes that rows have been added to buckets, in the order of writers. */
export function* addToBuckets(
  table: BucketTable,
  added: readonly (readonly [bucket: Bucket, rows: number])[],
): SqlScript {
  if (added.length === 0) return;
  yield* table.dialect.upsert(
    table,
    { key: KEY, add: ['keys'], set: [] },
    added.map(([{ dimension, period, date }, rows]) => [dimension, period, date, rows]),
  );
}

function bucketOf(row: Record<string, unknown>): Bucket {
  return { ...(row as unknown as Bucket), date: Number(row['date']) };
}
