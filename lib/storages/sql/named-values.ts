import type { SummaryPeriod } from '../../summary/index.js';
import type { PrunedUntil } from '../base/recompute/bucket-ranges.js';
import type { BucketTable } from './layout/sql-layout.js';
import type { SqlScript } from './sql-statement.js';
import { addToBuckets } from './summaries/lock-buckets.js';

// No dimension has such a name, and no period either: these rows are nobody's buckets.
const MARK = '(pruned)';
const PERIOD = 'until-';

/** Notes, in the table of buckets, that data of a kind is gone from before an instant. */
export function* notePruned(
  table: BucketTable,
  kind: keyof PrunedUntil,
  before: number,
): SqlScript {
  const { [kind]: known } = yield* readPruned(table);
  if (known !== undefined && known >= before) return;
  const period = PERIOD + kind;
  const mark = { dimension: MARK, period: period as SummaryPeriod, date: before };
  yield* addToBuckets(table, [[mark, 0]]);
  const { dialect } = table;
  const sql =
    `delete from ${table.path} where ${table.column('dimension')} = ${dialect.placeholder(1)} ` +
    `and ${table.column('period')} = ${dialect.placeholder(2)} ` +
    `and ${table.column('date')} < ${dialect.placeholder(3)}`;
  yield { sql, values: [MARK, period, before] };
}

export function* readPruned(table: BucketTable): SqlScript<PrunedUntil> {
  const { rows } = yield {
    sql:
      `select ${table.selectList('t')} from ${table.path} t ` +
      `where t.${table.column('dimension')} = ${table.dialect.placeholder(1)}`,
    values: [MARK],
  };
  const pruned: PrunedUntil = {};
  for (const row of rows) {
    const kind = (row['period'] as string).slice(PERIOD.length) as keyof PrunedUntil;
    pruned[kind] = Math.max(pruned[kind] ?? -Infinity, Number(row['date']));
  }
  return pruned;
}
