import { SUMMARY_PERIODS } from '../../../summary/index.js';
import type {
  SumPageQuery,
  SumRangeQuery,
  SumScanQuery,
  SumsRangeQuery,
} from '../../base/storage-parts.js';
import { indexedKey } from '../dialects/sum-key.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SummaryTable } from '../layout/sql-layout.js';
import { SqlBindings, type SqlStatement } from '../sql-statement.js';

/** The rows of some buckets, of all keys or of some. */
export type KeyedRangeQuery = SumRangeQuery & Pick<SumScanQuery, 'keys'>;

/** Builds the statements that read sums. */
export class SumQueries {
  constructor(private readonly table: SummaryTable) {}

  page({ dimension, period, range, key, order, limit, offset }: SumPageQuery): SqlStatement {
    const { table } = this;
    const bindings = new SqlBindings(table.dialect);
    const keys = key === null ? null : [key];
    const terms = bucketTerms(table, { dimension, period, range, keys }, bindings);
    const byHits = order === 'hits' ? `t.${table.column('hits')} desc, ` : '';
    const shownKey = `coalesce(t.${table.column('longKey')}, t.${table.column('key')})`;
    const sql =
      `select ${table.selectList('t')} from ${table.path} t where ${terms.join(' and ')} ` +
      `order by ${byHits}t.${table.column('date')} desc, ${shownKey} ` +
      `limit ${bindings.add(limit)} offset ${bindings.add(offset)}`;
    return { sql, values: bindings.values };
  }

  /**
   * The date of the last row of a page that is ordered by date. No row if the page is not full. For
   * databases that would sort all rows of a range for such a page.
   */
  lastDate({ dimension, period, range, limit, offset }: SumPageQuery): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const terms = bucketTerms(this.table, { dimension, period, range }, bindings);
    const date = `t.${this.table.column('date')}`;
    const sql =
      `select ${date} as ${this.table.dialect.quote('date')} from ${this.table.path} t ` +
      `where ${terms.join(' and ')} order by ${date} desc ` +
      `limit 1 offset ${bindings.add(offset + limit - 1)}`;
    return { sql, values: bindings.values };
  }

  /** The number of rows of all pages. */
  count({ dimension, period, range, key }: SumPageQuery): SqlStatement {
    const { table } = this;
    const bindings = new SqlBindings(table.dialect);
    const keys = key === null ? null : [key];
    const terms = bucketTerms(table, { dimension, period, range, keys }, bindings);
    return {
      sql: `select count(*) as n from ${table.path} t where ${terms.join(' and ')}`,
      values: bindings.values,
    };
  }

  /** The newest bucket in a range, or the newest before an instant. */
  bucketBefore({ dimension, period, range }: SumPageQuery, before: number | null): SqlStatement {
    const { table } = this;
    const bindings = new SqlBindings(table.dialect);
    const terms = bucketTerms(table, { dimension, period, range }, bindings);
    const date = `t.${table.column('date')}`;
    if (before !== null) terms.push(`${date} < ${bindings.add(before)}`);
    return {
      sql:
        `select max(${date}) as ${table.dialect.quote('date')} from ${table.path} t ` +
        `where ${terms.join(' and ')}`,
      values: bindings.values,
    };
  }

  /** The oldest bucket of a dimension, of any period, at or after an instant. */
  firstDate(dimension: string, from: number | null): SqlStatement {
    const { table } = this;
    const bindings = new SqlBindings(table.dialect);
    const firsts = SUMMARY_PERIODS.map((period) => {
      const terms = bucketTerms(
        table,
        { dimension, period, range: { first: from, last: null } },
        bindings,
      );
      return `select min(t.${table.column('date')}) as d from ${table.path} t where ${terms.join(' and ')}`;
    });
    return {
      sql: `select min(d) as ${table.dialect.quote('date')} from (${firsts.join(' union all ')}) f`,
      values: bindings.values,
    };
  }

  /** What the rows of each bucket count together. */
  totals({ dimension, period, range }: SumRangeQuery): SqlStatement {
    const { table } = this;
    const bindings = new SqlBindings(table.dialect);
    const terms = bucketTerms(table, { dimension, period, range }, bindings);
    const date = `t.${table.column('date')}`;
    const sum = (name: 'hits' | 'measured') =>
      `sum(t.${table.column(name)}) as ${table.dialect.quote(name)}`;
    return {
      sql:
        `select ${date} as ${table.dialect.quote('date')}, ${sum('hits')}, ${sum('measured')} ` +
        `from ${table.path} t where ${terms.join(' and ')} group by ${date}`,
      values: bindings.values,
    };
  }

  /** The buckets of some summaries in which `hits` and `measured` differ in all. */
  unmeasured({ dimensions, period, range }: SumsRangeQuery): SqlStatement {
    const { table } = this;
    const bindings = new SqlBindings(table.dialect);
    const of = (name: 'dimension' | 'date' | 'hits' | 'measured') => `t.${table.column(name)}`;
    const [hits, measured] = [of('hits'), `coalesce(${of('measured')}, 0)`];
    const as = (term: string, name: string) => `${term} as ${table.dialect.quote(name)}`;
    const more = `sum(${hits} - ${measured})`;
    const list = [as(of('dimension'), 'dimension'), as(of('date'), 'date'), as(more, 'more')];
    // A statement for each: of a list, some databases would read the index as a whole. Rows that are
    // measured add nothing, and are left out before anything is grouped.
    const each = dimensions.map((dimension) => {
      const terms = bucketTerms(table, { dimension, period, range }, bindings);
      return (
        `select ${list.join(', ')} from ${table.path} t ` +
        `where ${[...terms, `${hits} <> ${measured}`].join(' and ')} ` +
        `group by ${of('dimension')}, ${of('date')} having ${more} <> 0`
      );
    });
    return { sql: each.join(' union all '), values: bindings.values };
  }

  /** The bucket of the row that follows `rows` others, by date. No row if there are fewer. */
  dateAt(rows: number, { dimension, period, range }: SumRangeQuery): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const terms = bucketTerms(this.table, { dimension, period, range }, bindings);
    const date = `t.${this.table.column('date')}`;
    const sql =
      `select ${date} as ${this.table.dialect.quote('date')} from ${this.table.path} t ` +
      `where ${terms.join(' and ')} order by ${date} limit 1 offset ${bindings.add(rows)}`;
    return { sql, values: bindings.values };
  }

  /**
   * The next rows of a range, by date and key as they are stored.
   *
   * @param left Properties that are not read.
   * @param after The last row that was read.
   */
  scan(
    query: KeyedRangeQuery,
    left: readonly string[],
    after: SqlRow | null,
    limit: number,
  ): SqlStatement {
    const { table } = this;
    const bindings = new SqlBindings(table.dialect);
    const terms = bucketTerms(table, query, bindings);
    const [date, key] = [`t.${table.column('date')}`, `t.${table.column('key')}`];
    if (after) {
      const add = (value: unknown) => bindings.add(value as string);
      // MariaDB derives no index range from a comparison of row values.
      terms.push(
        `${date} >= ${add(after['date'])}`,
        `(${date} > ${add(after['date'])} or ${key} > ${add(after['key'])})`,
      );
    }
    const sql =
      `select ${table.selectList('t', 'name', ['dimension', 'period', ...left])} from ${table.path} t ` +
      `where ${terms.join(' and ')} order by ${date}, ${key} limit ${bindings.add(limit)}`;
    return { sql, values: bindings.values };
  }
}

/** The conditions that select the rows of some buckets, as `t`. */
export function bucketTerms(
  table: SummaryTable,
  { dimension, period, range: { first, last }, keys }: KeyedRangeQuery,
  bindings: SqlBindings,
): string[] {
  const date = `t.${table.column('date')}`;
  const terms = [
    `t.${table.column('dimension')} = ${bindings.add(dimension)}`,
    `t.${table.column('period')} = ${bindings.add(period)}`,
  ];
  if (first !== null) terms.push(`${date} >= ${bindings.add(first)}`);
  if (last !== null) terms.push(`${date} <= ${bindings.add(last)}`);
  if (keys) {
    const values = keys.map((key) => bindings.add(indexedKey(key)));
    terms.push(`t.${table.column('key')} in (${values.join(', ')})`);
  }
  return terms;
}

/** What selects the rows of some ranges of buckets, as `t`. */
export function rangesRows(
  table: SummaryTable,
  { ranges, ...query }: Omit<SumRangeQuery, 'range'> & Pick<SumScanQuery, 'ranges' | 'keys'>,
  bindings: SqlBindings,
): { from: string; terms: readonly string[] } {
  const from = `${table.path} t`;
  const [only] = ranges;
  if (ranges.length === 1)
    return { from, terms: bucketTerms(table, { ...query, range: only! }, bindings) };
  if (table.dialect.name === 'mysql') {
    // MySQL and MariaDB would keep the rows of a union in a table of their own.
    const each = ranges.map((range) => bucketTerms(table, { ...query, range }, bindings));
    return { from, terms: [`(${each.map((terms) => `(${terms.join(' and ')})`).join(' or ')})`] };
  }
  // SQLite would read all that lies between the ranges, and PostgreSQL sorts what it finds.
  const each = ranges.map((range) => {
    const terms = bucketTerms(table, { ...query, range }, bindings);
    return `select * from ${from} where ${terms.join(' and ')}`;
  });
  return { from: `(${each.join(' union all ')}) t`, terms: [] };
}
