import {
  mergeLatency,
  OTHER_KEY,
  SUMMARY_PERIODS,
  type SummaryPeriod,
} from '../../../summary/index.js';
import type { ForgottenRows } from '../../forget/forgotten-rows.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlRow } from '../layout/column.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { SqlBindings, type SqlScript, type SqlStatement } from '../sql-statement.js';
import { rowOf, upsertSums } from '../summaries/apply-increments.js';
import { addToBuckets, lockBuckets } from '../summaries/lock-buckets.js';
import { readBuckets } from '../summaries/stored-sums.js';
import { indexedKey, SUM_KEY, type SumKey } from '../summaries/sum-key.js';
import { sumOfRow } from '../summaries/sum-queries.js';

/** The rows of a subject's key that are to go into `(other)`. */
export async function namedRows(
  engine: SqlEngine,
  layout: SqlLayout,
  forgotten: ForgottenRows,
): Promise<SumKey[]> {
  const { buckets } = layout;
  const { dialect } = buckets;
  const dimension = buckets.column('dimension');
  const kept = await engine.read({
    sql: `select distinct ${dimension} as ${dialect.quote('dimension')} from ${buckets.path}`,
    values: [],
  });
  const key = indexedKey(forgotten.key);
  const found: SumKey[] = [];
  for (const name of kept.map((row) => row['dimension'] as string)) {
    if (!forgotten.isNamedIn(name)) continue;
    const rows = engine.isBlocking
      ? await engine.steps(() => rowsByBucket(layout, name, key))
      : await engine.read(rowsOfKey(layout, name, key));
    for (const row of rows) {
      const [period, date] = [row['period'] as SummaryPeriod, Number(row['date'])];
      if (forgotten.isFolded(name, period, date))
        found.push({ dimension: name, period, date, key });
    }
  }
  return found;
}

function rowsOfKey({ summaries }: SqlLayout, dimension: string, key: string): SqlStatement {
  const bindings = new SqlBindings(summaries.dialect);
  return {
    sql:
      `select ${summaries.selectList('t')} from ${summaries.path} t ` +
      `where t.${summaries.column('dimension')} = ${bindings.add(dimension)} ` +
      `and t.${summaries.column('key')} = ${bindings.add(key)}`,
    values: bindings.values,
  };
}

// One statement for all would look through every row of the dimension.
function* rowsByBucket(layout: SqlLayout, dimension: string, key: string): SqlScript<SqlRow[]> {
  const found: SqlRow[] = [];
  for (const period of SUMMARY_PERIODS) {
    const span = { dimension, period, first: null, last: null };
    for (const { date } of yield* readBuckets(layout.buckets, span)) {
      const name = { dimension, period, date, key };
      found.push(...(yield statement('select', layout.summaries, name)).rows);
    }
  }
  return found;
}

/** Adds a row to the `(other)` of its bucket, and deletes it. */
export function* foldRow({ summaries, buckets }: SqlLayout, name: SumKey): SqlScript {
  const other = { ...name, key: OTHER_KEY };
  const { dimension, period, date } = name;
  const bucket = { dimension, period, date };
  yield* lockBuckets(buckets, [bucket]);
  yield* summaries.dialect.lockSums(
    summaries,
    [name, other].sort((a, b) => (a.key < b.key ? -1 : 1)),
  );
  const [row] = (yield statement('select', summaries, name)).rows;
  if (!row) return;
  const [before] = (yield statement('select', summaries, other)).rows;
  yield statement('delete', summaries, name);
  const stored = before === undefined ? undefined : (before['latency'] as string);
  const own = row['latency'] as string;
  const latency = stored === undefined ? own : mergeLatency(stored, own);
  const sum = { ...sumOfRow(row), key: OTHER_KEY };
  yield* upsertSums(summaries, [rowOf(sum, OTHER_KEY, latency)]);
  yield* addToBuckets(buckets, [[bucket, stored === undefined ? 0 : -1]]);
}

function statement(
  verb: 'select' | 'delete',
  table: SqlLayout['summaries'],
  name: SumKey,
): SqlStatement {
  const bindings = new SqlBindings(table.dialect);
  const alias = verb === 'select' ? 't.' : '';
  const where = SUM_KEY.map(
    (each) => `${alias}${table.column(each)} = ${bindings.add(name[each])}`,
  );
  const what = verb === 'select' ? `select ${table.selectList('t')}` : 'delete';
  const from = verb === 'select' ? `${table.path} t` : table.path;
  return { sql: `${what} from ${from} where ${where.join(' and ')}`, values: bindings.values };
}
