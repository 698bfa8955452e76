import { setImmediate as turn } from 'node:timers/promises';
import {
  mergeIncrements,
  mergeLatency,
  NO_KEY,
  OTHER_KEY,
  type SummaryPeriod,
} from '../../../summary/index.js';
import type { BucketKey } from '../dialects/sum-key.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { SqlBindings, type SqlScript, type SqlStatement } from '../sql-statement.js';
import { addToBuckets, lockBuckets } from './bucket-sizes.js';
import { readBuckets } from './stored-sums.js';
import { sumOfRow } from './sum-rows.js';
import { rowOf, upsertSums } from './sum-writer.js';

/** Rows that one transaction folds, so that it holds locks for some milliseconds only. */
const ROWS_AT_ONCE = 200;

/**
 * Adds the rows of named keys to the `(other)` row of their buckets, and deletes them.
 *
 * @param before Of the buckets of this dimension and period that begin before this instant.
 * @returns How many rows were folded.
 */
export async function foldKeys(
  engine: SqlEngine,
  layout: SqlLayout,
  dimension: string,
  period: SummaryPeriod,
  before: number,
): Promise<number> {
  const span = { dimension, period, first: null, last: before - 1 };
  const found = await engine.steps(() => readBuckets(layout.buckets, span));
  let count = 0;
  for (const { date } of found) {
    const bucket = { dimension, period, date };
    for (;;) {
      const folded = await engine.transaction(() => foldSlice(layout, bucket));
      count += folded;
      await turn();
      if (folded < ROWS_AT_ONCE) break;
    }
  }
  return count;
}

function* foldSlice({ summaries, buckets }: SqlLayout, bucket: BucketKey): SqlScript<number> {
  const named = (yield namedKeys(summaries, bucket)).rows.map((row) => row['k'] as string);
  if (named.length === 0) return 0;
  yield* lockBuckets(buckets, [bucket]);
  const keys = [...named, OTHER_KEY].sort((a, b) => (a < b ? -1 : 1));
  yield* summaries.dialect.lockSums(
    summaries,
    keys.map((key) => ({ ...bucket, key })),
  );
  const { rows } = yield ofBucket('select', summaries, bucket, keys);
  const folded = rows.filter((row) => row['key'] !== OTHER_KEY);
  if (folded.length === 0) return 0;
  const sums = folded.map((row) => ({ ...sumOfRow(row), key: OTHER_KEY }));
  const latency = rows.map((row) => row['latency'] as string).reduce((a, b) => mergeLatency(a, b));
  yield ofBucket('delete', summaries, bucket, named);
  yield* upsertSums(summaries, [rowOf(mergeIncrements(sums)[0]!, OTHER_KEY, latency)]);
  const isNew = rows.length === folded.length;
  yield* addToBuckets(buckets, [[bucket, (isNew ? 1 : 0) - folded.length]]);
  return folded.length;
}

function namedKeys(table: SqlLayout['summaries'], bucket: BucketKey): SqlStatement {
  const bindings = new SqlBindings(table.dialect);
  const key = table.column('key');
  const where = conditions(table, bucket, bindings, '');
  const reserved = [NO_KEY, OTHER_KEY].map((each) => bindings.add(each)).join(', ');
  return {
    sql:
      `select ${key} as k from ${table.path} where ${where} and ${key} not in (${reserved}) ` +
      `order by ${key} limit ${bindings.add(ROWS_AT_ONCE)}`,
    values: bindings.values,
  };
}

function ofBucket(
  verb: 'select' | 'delete',
  table: SqlLayout['summaries'],
  bucket: BucketKey,
  keys: readonly string[],
): SqlStatement {
  const bindings = new SqlBindings(table.dialect);
  const alias = verb === 'select' ? 't.' : '';
  const where = conditions(table, bucket, bindings, alias);
  const among = keys.map((key) => bindings.add(key)).join(', ');
  const what =
    verb === 'select'
      ? `select ${table.selectList('t')} from ${table.path} t`
      : `delete from ${table.path}`;
  return {
    sql: `${what} where ${where} and ${alias}${table.column('key')} in (${among})`,
    values: bindings.values,
  };
}

function conditions(
  table: SqlLayout['summaries'],
  { dimension, period, date }: BucketKey,
  bindings: SqlBindings,
  alias: string,
): string {
  const is = (column: 'dimension' | 'period' | 'date', value: string | number) =>
    `${alias}${table.column(column)} = ${bindings.add(value)}`;
  return [is('dimension', dimension), is('period', period), is('date', date)].join(' and ');
}
