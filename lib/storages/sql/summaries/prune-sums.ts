import { setImmediate as turn } from 'node:timers/promises';
import type { SummaryPeriod } from '../../../summary/index.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { BucketTable, SqlLayout, SummaryTable } from '../layout/sql-layout.js';
import { SqlBindings, type SqlScript, type SqlStatement } from '../sql-statement.js';
import { addToBuckets, lockBuckets, unhandledCount } from './bucket-sizes.js';
import { bucketId, type BucketKey } from '../dialects/sum-key.js';

/** Limits for one transaction, so that it holds locks for some milliseconds only. */
const BUCKETS_AT_ONCE = 200;
const ROWS_AT_ONCE = 1000;

type Tables = Pick<SqlLayout, 'summaries' | 'buckets'>;

/** A bucket, and its number of rows. */
interface SizedBucket extends BucketKey {
  readonly rows: number;
}

/**
 * Deletes the buckets of a period that start before an instant, the oldest of each dimension first.
 * One transaction deletes many small buckets, or a part of a large one.
 *
 * @returns How many rows they had.
 */
export async function pruneSums(
  engine: SqlEngine,
  layout: SqlLayout,
  period: SummaryPeriod,
  before: number,
): Promise<number> {
  const { buckets } = layout;
  let count = 0;
  for (const row of await engine.read(dimensionsOf(buckets, period))) {
    const dimension = row['dimension'] as string;
    for (;;) {
      const found = await engine.read(oldestBuckets(buckets, dimension, period, before));
      const slice = firstOf(found.map((each) => toSizedBucket(dimension, period, each)));
      if (slice.length === 0) break;
      count += await engine.transaction(() => pruneSlice(layout, slice));
      await turn();
    }
  }
  return count;
}

function dimensionsOf(table: BucketTable, period: SummaryPeriod): SqlStatement {
  const { dialect } = table;
  return {
    sql:
      `select distinct ${table.column('dimension')} as ${dialect.quote('dimension')} ` +
      `from ${table.path} where ${table.column('period')} = ${dialect.placeholder(1)}`,
    values: [period],
  };
}

function oldestBuckets(
  table: BucketTable,
  dimension: string,
  period: SummaryPeriod,
  before: number,
): SqlStatement {
  const bindings = new SqlBindings(table.dialect);
  const date = `t.${table.column('date')}`;
  const sql =
    `select ${table.selectList('t')} from ${table.path} t ` +
    `where t.${table.column('dimension')} = ${bindings.add(dimension)} ` +
    `and t.${table.column('period')} = ${bindings.add(period)} ` +
    `and ${date} < ${bindings.add(before)} order by ${date} limit ${bindings.add(BUCKETS_AT_ONCE)}`;
  return { sql, values: bindings.values };
}

function toSizedBucket(
  dimension: string,
  period: SummaryPeriod,
  row: Record<string, unknown>,
): SizedBucket {
  return { dimension, period, date: Number(row['date']), rows: Number(row['keys']) };
}

/**
 * The first buckets, at least one, whose rows together do not exceed the limit of one transaction.
 */
function firstOf(buckets: readonly SizedBucket[]): readonly SizedBucket[] {
  let rows = 0;
  const end = buckets.findIndex((bucket) => (rows += bucket.rows) > ROWS_AT_ONCE);
  return end < 0 ? buckets : buckets.slice(0, Math.max(end, 1));
}

// Deletes buckets, or some rows of one large bucket. Reads the sizes again under the lock, because
// they may have changed since.
function* pruneSlice(
  { summaries, buckets }: Tables,
  slice: readonly BucketKey[],
): SqlScript<number> {
  const sizes = yield* lockBuckets(buckets, slice);
  if (slice.length === 1 && sizes.get(bucketId(slice[0]!))! > ROWS_AT_ONCE) {
    const changes = yield* pruneRows({ summaries, buckets }, slice[0]!);
    if (changes > 0) return changes;
  }
  const { changes } = yield deletion(summaries, slice);
  yield deletion(buckets, slice);
  yield deletion(buckets, slice.map(unhandledCount));
  return changes;
}

// Deletes some rows of a bucket that has too many for one transaction.
function* pruneRows({ summaries, buckets }: Tables, bucket: BucketKey): SqlScript<number> {
  const selection = new SqlBindings(summaries.dialect);
  const key = summaries.column('key');
  const { rows } = yield {
    sql:
      `select ${key} as k from ${summaries.path} where ${isAmong(summaries, [bucket], selection)} ` +
      `order by ${key} limit ${selection.add(ROWS_AT_ONCE)}`,
    values: selection.values,
  };
  if (rows.length === 0) return 0;
  const bindings = new SqlBindings(summaries.dialect);
  const where = isAmong(summaries, [bucket], bindings);
  const keys = rows.map((row) => bindings.add(row['k'] as string)).join(', ');
  const { changes } = yield {
    sql: `delete from ${summaries.path} where ${where} and ${key} in (${keys})`,
    values: bindings.values,
  };
  yield* addToBuckets(buckets, [[bucket, -changes]]);
  return changes;
}

function deletion(table: BucketTable | SummaryTable, buckets: readonly BucketKey[]): SqlStatement {
  const bindings = new SqlBindings(table.dialect);
  const sql = `delete from ${table.path} where ${isAmong(table, buckets, bindings)}`;
  return { sql, values: bindings.values };
}

/** A condition that a row belongs to one of the buckets, which share one dimension and period. */
function isAmong(
  table: BucketTable | SummaryTable,
  buckets: readonly BucketKey[],
  bindings: SqlBindings,
): string {
  const { dimension, period } = buckets[0]!;
  const name = bindings.add(dimension);
  const of = bindings.add(period);
  const dates = buckets.map(({ date }) => bindings.add(date)).join(', ');
  return (
    `${table.column('dimension')} = ${name} and ${table.column('period')} = ${of} ` +
    `and ${table.column('date')} in (${dates})`
  );
}
