import type { SqlLayout, SummaryTable } from '../layout/sql-layout.js';
import { SqlBindings, type SqlScript } from '../sql-statement.js';
import { notePruned } from './bucket-notes.js';

const HOUR_MS = 3_600_000;
/** The greatest length of a bucket of each period. */
const LONGEST_MS = { hour: HOUR_MS, day: 25 * HOUR_MS, month: 32 * 24 * HOUR_MS } as const;

/**
 * Whether the buckets' table was lost while the summaries' table exists. Every buckets' table holds
 * the sentinel row, which belongs to no bucket, from its creation on.
 */
export function* areBucketsLost({ buckets, summaries }: SqlLayout): SqlScript<boolean> {
  if ((yield summaries.dialect.columnsOf(summaries)).rows.length === 0) return false;
  if ((yield buckets.dialect.columnsOf(buckets)).rows.length === 0) return true;
  const bindings = new SqlBindings(buckets.dialect);
  const [dimension, period, date] = ['', '', 0].map((value) => bindings.add(value));
  const { rows } = yield {
    sql:
      `select 1 from ${buckets.path} where ${buckets.column('dimension')} = ${dimension} ` +
      `and ${buckets.column('period')} = ${period} and ${buckets.column('date')} = ${date}`,
    values: bindings.values,
  };
  return rows.length === 0;
}

/**
 * Restores the buckets' table from the sums if it was lost, or not restored with the other tables.
 * Counts the rows of each bucket, which `maxKeys` limits. If there are sums from before the oldest
 * record, raises the pruned watermark of records, so that a rebuild does not delete those sums.
 *
 * @returns Whether there are sums.
 */
export function* restoreBuckets(layout: SqlLayout): SqlScript<boolean> {
  const { buckets, summaries, records } = layout;
  const key = ['dimension', 'period', 'date'] as const;
  yield* buckets.dialect.upsert(buckets, { key, add: ['keys'], set: [] }, [['', '', 0, 0]]);
  const known = yield { sql: `select 1 from ${summaries.path} limit 1`, values: [] };
  if (known.rows.length === 0) return false;
  const names = key.map((each) => summaries.column(each)).join(', ');
  const same = key.map((each) => `b.${buckets.column(each)} = s.${summaries.column(each)}`);
  yield {
    sql:
      `insert into ${buckets.path} (${buckets.columnList}) ` +
      `select ${names}, count(*) from ${summaries.path} s where not exists ` +
      `(select 1 from ${buckets.path} b where ${same.join(' and ')}) group by ${names}`,
    values: [],
  };
  const first = yield {
    sql: `select min(${records.column('date')}) as ${records.dialect.quote('first')} from ${records.path}`,
    values: [],
  };
  const date = first.rows[0]?.['first'];
  const oldest = date === null || date === undefined ? Date.now() : Number(date);
  if (yield* hasSumsBefore(summaries, oldest)) yield* notePruned(buckets, 'records', oldest);
  return true;
}

function* hasSumsBefore(summaries: SummaryTable, instant: number): SqlScript<boolean> {
  const bindings = new SqlBindings(summaries.dialect);
  const terms = Object.entries(LONGEST_MS).map(
    ([period, length]) =>
      `(${summaries.column('period')} = ${bindings.add(period)} ` +
      `and ${summaries.column('date')} <= ${bindings.add(instant - length)})`,
  );
  const { rows } = yield {
    sql: `select 1 from ${summaries.path} where ${terms.join(' or ')} limit 1`,
    values: bindings.values,
  };
  return rows.length > 0;
}
