import { setImmediate as turn } from 'node:timers/promises';
import { SUMMARY_PERIODS, type BucketCalendar, type SummaryPeriod } from '../../summary/index.js';
import type { ParsedPruneBounds } from '../parse-prune-bounds.js';
import type { PrunedUntil } from '../recount/bucket-ranges.js';
import type { PruneCounts } from '../prune.js';
import type { SqlEngine } from './engines/sql-engine.js';
import type { SqlLayout } from './layout/sql-layout.js';
import type { RecordPartitions } from './partitions/record-partitions.js';
import { RecordQueries } from './records/record-queries.js';
import { SqlBindings, type SqlScript } from './sql-statement.js';
import { addToBuckets, lockBuckets } from './summaries/lock-buckets.js';
import { notePruned } from './summaries/pruned-marks.js';
import type { SumKey } from './summaries/sum-key.js';

const ROWS_AT_ONCE = 500;

/** Deletes what has had its time, the oldest first, in steps that hold nobody up for long. */
export async function prune(
  engine: SqlEngine,
  layout: SqlLayout,
  partitions: RecordPartitions | null,
  calendar: BucketCalendar,
  bounds: ParsedPruneBounds,
): Promise<PruneCounts> {
  const counts: PruneCounts = { records: 0, hour: 0, day: 0, month: 0 };
  const note = (kind: keyof PrunedUntil, before: number) =>
    engine.transaction(() => notePruned(layout.buckets, kind, before));
  if (bounds.records !== null) {
    await note('records', bounds.records);
    counts.records = (await partitions?.dropBefore(bounds.records)) ?? 0;
    counts.records += await pruneRecords(engine, layout, bounds.records);
  }
  for (const period of SUMMARY_PERIODS) {
    const before = bounds[period];
    if (before === null) continue;
    await note(period, before);
    counts[period] = await prunePeriod(engine, layout, period, calendar.start(period, before));
  }
  return counts;
}

async function pruneRecords(
  engine: SqlEngine,
  { records }: SqlLayout,
  before: number,
): Promise<number> {
  const queries = new RecordQueries(records);
  for (let count = 0; ; await turn()) {
    const rows = await engine.read(queries.oldestIds(before, ROWS_AT_ONCE));
    if (rows.length === 0) return count;
    const ids = rows.map((row) => row['id'] as string);
    count += await engine.transaction(function* () {
      return (yield queries.delete(ids)).changes;
    });
  }
}

async function prunePeriod(
  engine: SqlEngine,
  layout: SqlLayout,
  period: SummaryPeriod,
  before: number,
): Promise<number> {
  for (let count = 0; ; await turn()) {
    const bucket = await oldestBucket(engine, layout, period, before);
    if (!bucket) return count;
    count += await engine.transaction(() => pruneBucket(layout, bucket));
  }
}

async function oldestBucket(
  engine: SqlEngine,
  { buckets: table }: SqlLayout,
  period: SummaryPeriod,
  before: number,
): Promise<Omit<SumKey, 'key'> | null> {
  const bindings = new SqlBindings(table.dialect);
  const date = `t.${table.column('date')}`;
  const sql =
    `select ${table.selectList('t')} from ${table.path} t ` +
    `where t.${table.column('period')} = ${bindings.add(period)} ` +
    `and ${date} < ${bindings.add(before)} order by ${date} limit 1`;
  const [row] = await engine.read({ sql, values: bindings.values });
  if (!row) return null;
  return { dimension: row['dimension'] as string, period, date: Number(row['date']) };
}

// Some rows of a bucket and, with the last of them, the bucket itself.
function* pruneBucket(
  { summaries, buckets }: SqlLayout,
  bucket: Omit<SumKey, 'key'>,
): SqlScript<number> {
  yield* lockBuckets(buckets, [bucket]);
  const { dialect } = summaries;
  const [dimension, period, date] = (['dimension', 'period', 'date'] as const).map((each) =>
    summaries.column(each),
  );
  const selection = new SqlBindings(dialect);
  const isBucket = (bindings: SqlBindings) =>
    `${dimension} = ${bindings.add(bucket.dimension)} and ${period} = ${bindings.add(bucket.period)} ` +
    `and ${date} = ${bindings.add(bucket.date)}`;
  const key = summaries.column('key');
  const { rows } = yield {
    sql:
      `select ${key} as k from ${summaries.path} where ${isBucket(selection)} ` +
      `order by ${key} limit ${selection.add(ROWS_AT_ONCE)}`,
    values: selection.values,
  };
  if (rows.length > 0) {
    const deletion = new SqlBindings(dialect);
    const where = isBucket(deletion);
    const keys = rows.map((row) => deletion.add(row['k'] as string));
    yield {
      sql: `delete from ${summaries.path} where ${where} and ${key} in (${keys.join(', ')})`,
      values: deletion.values,
    };
  }
  if (rows.length === ROWS_AT_ONCE) {
    yield* addToBuckets(buckets, [[bucket, -ROWS_AT_ONCE]]);
  } else {
    const last = new SqlBindings(dialect);
    const where = (['dimension', 'period', 'date'] as const)
      .map((each) => `${buckets.column(each)} = ${last.add(bucket[each])}`)
      .join(' and ');
    yield { sql: `delete from ${buckets.path} where ${where}`, values: last.values };
  }
  return rows.length;
}
