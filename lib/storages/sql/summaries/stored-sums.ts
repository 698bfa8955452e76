import type { BucketRange } from '../../../summary/index.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { BucketTable, SummaryTable } from '../layout/sql-layout.js';
import { PAUSE, SqlBindings, type SqlScript } from '../sql-statement.js';
import type { SumKey } from '../dialects/sum-key.js';

type Bucket = Omit<SumKey, 'key'>;

/** A range of buckets of one dimension and period. */
export type SumSpan = Pick<SumKey, 'dimension' | 'period'> & BucketRange;

/** The noted buckets of a span, with the number of rows of each. */
export function* readBuckets(
  table: BucketTable,
  span: SumSpan,
): SqlScript<(Bucket & { readonly keys: number })[]> {
  const bindings = new SqlBindings(table.dialect);
  const { rows } = yield {
    sql:
      `select ${table.selectList('t')} from ${table.path} t ` +
      `where ${conditionsOf(table, span, bindings).join(' and ')}`,
    values: bindings.values,
  };
  return rows.map((row) => ({
    dimension: span.dimension,
    period: span.period,
    date: Number(row['date']),
    keys: Number(row['keys']),
  }));
}

/** Reads the rows of a span, bucket by bucket, and passes them on in pages. */
export function* readSums(
  table: SummaryTable,
  span: SumSpan,
  rowsAtOnce: number,
  take: (rows: readonly SqlRow[]) => void,
): SqlScript {
  const [date, key] = [`t.${table.column('date')}`, `t.${table.column('key')}`];
  let last: SqlRow | null = null;
  for (;;) {
    const bindings = new SqlBindings(table.dialect);
    const all = conditionsOf(table, span, bindings);
    if (last) {
      const add = (value: unknown) => bindings.add(value as string);
      // MariaDB derives no index range from a comparison of row values.
      all.push(
        `${date} >= ${add(last['date'])}`,
        `(${date} > ${add(last['date'])} or ${key} > ${add(last['key'])})`,
      );
    }
    const { rows }: { rows: readonly SqlRow[] } = yield {
      sql:
        `select ${table.selectList('t')} from ${table.path} t where ${all.join(' and ')} ` +
        `order by ${date}, ${key} limit ${bindings.add(rowsAtOnce)}`,
      values: bindings.values,
    };
    take(rows);
    if (rows.length < rowsAtOnce) return;
    yield PAUSE;
    last = rows.at(-1)!;
  }
}

function conditionsOf(
  table: BucketTable | SummaryTable,
  { dimension, period, first, last }: SumSpan,
  bindings: SqlBindings,
): string[] {
  // The columns that both tables have.
  const { column } = {
    column: (name: 'dimension' | 'period' | 'date') => `t.${table.column(name)}`,
  };
  const found = [
    `${column('dimension')} = ${bindings.add(dimension)}`,
    `${column('period')} = ${bindings.add(period)}`,
  ];
  if (first !== null) found.push(`${column('date')} >= ${bindings.add(first)}`);
  if (last !== null) found.push(`${column('date')} <= ${bindings.add(last)}`);
  return found;
}
