import {
  mergeLatency,
  OTHER_KEY,
  SUMMARY_PERIODS,
  type SummaryPeriod,
} from '../../../summary/index.js';
import type { ErasedRows } from '../../base/erased-rows.js';
import { keysNaming } from '../../base/eraser.js';
import type { SqlRowValues } from '../dialects/dialect.js';
import { partsOf } from '../dialects/parts-of.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { SqlBindings, type SqlScript, type SqlStatement } from '../sql-statement.js';
import { addToBuckets, lockBuckets } from './bucket-sizes.js';
import { readBuckets } from './stored-sums.js';
import { indexedKey, type BucketKey, type SumKey } from '../dialects/sum-key.js';
import { sumOfRow } from './sum-rows.js';
import { SumScanner } from './sum-scanner.js';
import { rowOf, upsertSums } from './sum-writer.js';

/** Rows that one transaction folds, so that it holds locks for some milliseconds only. */
const ROWS_AT_ONCE = 50;

/** The dimensions of all stored sums, and the names of the notes beside them. */
export async function storedDimensions(
  engine: SqlEngine,
  { buckets }: SqlLayout,
): Promise<string[]> {
  const { dialect } = buckets;
  const dimension = buckets.column('dimension');
  const rows = await engine.read({
    sql: `select distinct ${dimension} as ${dialect.quote('dimension')} from ${buckets.path}`,
    values: [],
  });
  return rows.map((row) => row['dimension'] as string);
}

/** The erased rows of a subject's keys, which are to be folded into `(other)`. */
export async function namedRows(
  engine: SqlEngine,
  layout: SqlLayout,
  erased: ErasedRows,
): Promise<SumKey[]> {
  const scanner = new SumScanner(engine, layout.summaries);
  const found: SumKey[] = [];
  for (const name of await storedDimensions(engine, layout)) {
    if (!erased.isNamedIn(name)) continue;
    for (const key of [...(await keysNaming(scanner, name, erased))].map(indexedKey)) {
      const rows = engine.isBlocking
        ? await engine.steps(() => rowsByBucket(layout, name, key))
        : await engine.read(rowsOfKey(layout, name, key));
      for (const row of rows) {
        const [period, date] = [row['period'] as SummaryPeriod, Number(row['date'])];
        if (erased.isFolded(name, period, date)) found.push({ dimension: name, period, date, key });
      }
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

// One statement for all buckets would scan every row of the dimension.
function* rowsByBucket(layout: SqlLayout, dimension: string, key: string): SqlScript<SqlRow[]> {
  const found: SqlRow[] = [];
  for (const period of SUMMARY_PERIODS) {
    const span = { dimension, period, first: null, last: null };
    for (const { date } of yield* readBuckets(layout.buckets, span)) {
      const name = { dimension, period, date, key };
      found.push(...(yield statement('select', layout.summaries, [name], [key])).rows);
    }
  }
  return found;
}

/**
 * Splits rows into slices that one transaction folds: each of one dimension, period and key, by date.
 */
export function* slicesOf(names: readonly SumKey[]): Generator<readonly SumKey[]> {
  const groups = new Map<string, SumKey[]>();
  for (const name of names) {
    const group = `${name.dimension} ${name.period} ${name.key}`;
    if (!groups.get(group)?.push(name)) groups.set(group, [name]);
  }
  for (const group of groups.values())
    yield* partsOf(
      group.sort((a, b) => a.date - b.date),
      ROWS_AT_ONCE,
    );
}

/** Adds the rows of a slice to the `(other)` row of their buckets, and deletes them. */
export function* foldRows({ summaries, buckets }: SqlLayout, names: readonly SumKey[]): SqlScript {
  const own = names[0]!.key;
  const bucketsOfNames = names.map(({ dimension, period, date }) => ({ dimension, period, date }));
  yield* lockBuckets(buckets, bucketsOfNames);
  const keys = [own, OTHER_KEY].sort((a, b) => (a < b ? -1 : 1));
  yield* summaries.dialect.lockSums(
    summaries,
    bucketsOfNames.flatMap((bucket) => keys.map((key) => ({ ...bucket, key }))),
  );
  const found = { [own]: new Map<number, SqlRow>(), [OTHER_KEY]: new Map<number, SqlRow>() };
  for (const row of (yield statement('select', summaries, names, keys)).rows)
    found[row['key'] as string]!.set(Number(row['date']), row);
  yield statement('delete', summaries, names, [own]);
  const writes: SqlRowValues[] = [];
  const emptied: [BucketKey, number][] = [];
  for (const bucket of bucketsOfNames) {
    const row = found[own]!.get(bucket.date);
    if (!row) continue;
    const other = found[OTHER_KEY].get(bucket.date);
    const latency = row['latency'] as string;
    const merged = other ? mergeLatency(other['latency'] as string, latency) : latency;
    writes.push(rowOf({ ...sumOfRow(row), key: OTHER_KEY }, OTHER_KEY, merged));
    if (other) emptied.push([bucket, -1]);
  }
  yield* upsertSums(summaries, writes);
  yield* addToBuckets(buckets, emptied);
}

/** Selects or deletes rows of one dimension and period, by dates and keys. */
function statement(
  verb: 'select' | 'delete',
  table: SqlLayout['summaries'],
  names: readonly SumKey[],
  keys: readonly string[],
): SqlStatement {
  const bindings = new SqlBindings(table.dialect);
  const alias = verb === 'select' ? 't.' : '';
  const column = (each: keyof SumKey) => alias + table.column(each);
  const among = (each: keyof SumKey, values: readonly (string | number)[]) =>
    `${column(each)} in (${values.map((value) => bindings.add(value)).join(', ')})`;
  const { dimension, period } = names[0]!;
  const where = [
    `${column('dimension')} = ${bindings.add(dimension)}`,
    `${column('period')} = ${bindings.add(period)}`,
    among(
      'date',
      names.map(({ date }) => date),
    ),
    among('key', keys),
  ];
  const what = verb === 'select' ? `select ${table.selectList('t')}` : 'delete';
  const from = verb === 'select' ? `${table.path} t` : table.path;
  return { sql: `${what} from ${from} where ${where.join(' and ')}`, values: bindings.values };
}
