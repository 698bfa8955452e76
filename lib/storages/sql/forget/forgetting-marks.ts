import type { SummaryPeriod } from '../../../summary/index.js';
import type { BucketTable } from '../layout/sql-layout.js';
import type { SqlScript } from '../sql-statement.js';
import { addToBuckets } from '../summaries/lock-buckets.js';

// No dimension has such a name, and no period either: these rows are nobody's buckets.
const MARK = '(forgetting)';
const PERIOD = 'month-of';

/** Notes, in the table of buckets, that the sums of a month have to be made anew. */
export function* noteForgetting(table: BucketTable, date: number): SqlScript {
  const mark = { dimension: MARK, period: PERIOD as SummaryPeriod, date };
  yield* addToBuckets(table, [[mark, 0]]);
}

/** Takes the note away: the sums of the month are right. */
export function* endForgetting(table: BucketTable, date: number): SqlScript {
  const { dialect } = table;
  const terms = (['dimension', 'period', 'date'] as const).map(
    (each, at) => `${table.column(each)} = ${dialect.placeholder(at + 1)}`,
  );
  yield {
    sql: `delete from ${table.path} where ${terms.join(' and ')}`,
    values: [MARK, PERIOD, date],
  };
}

/** The first instants of the months that are noted. */
export function* readForgetting(table: BucketTable): SqlScript<number[]> {
  const { rows } = yield {
    sql:
      `select ${table.selectList('t')} from ${table.path} t ` +
      `where t.${table.column('dimension')} = ${table.dialect.placeholder(1)}`,
    values: [MARK],
  };
  return rows.map((row) => Number(row['date']));
}
