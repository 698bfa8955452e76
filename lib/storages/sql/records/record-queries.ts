import type { ParsedFilter, ParsedUsageQuery } from '../../base/parse-usage-query.js';
import type { Condition } from '../../base/query/condition.js';
import type { AggregateQuery, RecordAggregate } from '../../base/report/record-aggregate.js';
import { aggregateTerms } from '../dialects/aggregate-terms.js';
import type { SqlRow } from '../dialects/shapes.js';
import { NEWEST_FIRST, type RecordOrder } from '../../base/query/record-order.js';
import type { RecordTable } from '../layout/sql-layout.js';
import { AggregateQueries } from './aggregate-queries.js';
import { SqlBindings, type SqlStatement } from '../sql-statement.js';
import { ConditionCompiler } from './conditions.js';
import { keyOf, type RecordPosition } from './record-position.js';

/** Statements that add records up. */
export interface AggregateStatements {
  /** Each record counts once. Its rows have the greatest weight of their records as `weight`. */
  readonly plain: SqlStatement;
  /** Each record counts by its weight. */
  readonly weighted: SqlStatement;
  /** Reads rows of either. */
  readonly read: (rows: readonly SqlRow[]) => RecordAggregate[];
}

/** Builds the statements that read and delete records. */
export class RecordQueries {
  private readonly id: string;
  private readonly date: string;
  private readonly newest: string;
  private readonly order: string;
  private readonly conditions: ConditionCompiler;
  private readonly aggregates: AggregateQueries;

  constructor(private readonly table: RecordTable) {
    this.id = table.column('id');
    this.date = table.column('date');
    this.conditions = new ConditionCompiler(table);
    this.aggregates = new AggregateQueries(table, aggregateTerms(table.dialect));
    this.newest = `t.${this.date} desc, t.${this.id} desc`;
    this.order = `order by ${this.newest}`;
  }

  /** The conditions by which the records that these statements find have to be tested again. */
  rest({ where }: ParsedFilter): readonly Condition[] {
    return this.conditions.rest(where);
  }

  /**
   * The statements that add records up, and the reader of their rows. Null if SQL cannot say a
   * dimension or a condition exactly.
   */
  aggregate(query: AggregateQuery): AggregateStatements | null {
    const { aggregates } = this;
    if (this.rest(query.filter).length > 0) return null;
    if (!query.dimensions.every((dimension) => aggregates.canGroup(dimension))) return null;
    const where = (bindings: SqlBindings) => this.where(query.filter, bindings);
    return {
      plain: aggregates.statement(query, where, false),
      weighted: aggregates.statement(query, where, true),
      read: (rows) => aggregates.aggregates(query, rows),
    };
  }

  page({ limit, offset, order, after, ...filter }: ParsedUsageQuery): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const direction = order?.isDescending === false ? 'asc' : 'desc';
    const where = this.where(filter, bindings, after, direction);
    const ordered = this.orderBy(order);
    const slice = `${ordered} limit ${bindings.add(limit)}`;
    if (offset === 0) return { sql: this.select(`${where} ${slice}`), values: bindings.values };
    // SQLite's offset does not read the rows that it skips. A join would make it read the whole
    // table: the length of the list of keys is a bound value, which its planner does not use.
    if (this.table.dialect.name === 'sqlite') {
      const sql = this.select(`${where} ${slice} offset ${bindings.add(offset)}`);
      return { sql, values: bindings.values };
    }
    // A deep page reads the rows that it skips from the index only, not from the table.
    const keys =
      `select t.${this.date} as d, t.${this.id} as k from ${this.table.path} t ${where} ${slice} ` +
      `offset ${bindings.add(offset)}`;
    const isSame = `s.d = t.${this.date} and s.k = t.${this.id}`;
    return {
      sql: this.select(`join (${keys}) s on ${isSame} ${ordered}`),
      values: bindings.values,
    };
  }

  /** The next records after a position, the newest first. */
  after(position: RecordPosition | null, limit: number, filter: ParsedFilter): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const where = this.where(filter, bindings, position);
    const sql = this.select(`${where} ${this.order} limit ${bindings.add(limit)}`);
    return { sql, values: bindings.values };
  }

  /** The next records after a position, the oldest first. */
  next(position: RecordPosition | null, limit: number, filter: ParsedFilter): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const where = this.where(filter, bindings, position, 'asc');
    const sql = this.select(
      `${where} order by t.${this.date}, t.${this.id} limit ${bindings.add(limit)}`,
    );
    return { sql, values: bindings.values };
  }

  /** The oldest date at or after an instant. */
  firstDate(from: number | null): SqlStatement {
    const where =
      from === null ? '' : `where t.${this.date} >= ${this.table.dialect.placeholder(1)}`;
    return {
      sql: `select min(t.${this.date}) as ${this.table.dialect.quote('date')} from ${this.table.path} t ${where}`,
      values: from === null ? [] : [from],
    };
  }

  /** The date of the record at an offset, the oldest first. No row if there are fewer records. */
  dateAt(offset: number, filter: ParsedFilter): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const where = this.where(filter, bindings);
    return {
      sql:
        `select t.${this.date} as ${this.table.dialect.quote('date')} from ${this.table.path} t ` +
        `${where} order by t.${this.date} limit 1 offset ${bindings.add(offset)}`,
      values: bindings.values,
    };
  }

  /** The positions of the oldest records before an instant. */
  oldest(before: number, limit: number): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    return {
      sql:
        `${this.place} where t.${this.date} < ${bindings.add(before)} ` +
        `order by t.${this.date}, t.${this.id} limit ${bindings.add(limit)}`,
      values: bindings.values,
    };
  }

  delete(positions: readonly RecordPosition[]): SqlStatement {
    const { dialect, path } = this.table;
    const { sql, values } = dialect.amongKeys(this.date, this.id, positions.map(keyOf));
    return { sql: `delete from ${path} where ${sql}`, values };
  }

  /** How many records match after `from` (exclusive), up to `until` (inclusive). */
  count(
    filter: ParsedFilter,
    from: RecordPosition | null = null,
    until: RecordPosition | null = null,
  ): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const where = this.between(from, until, filter, bindings);
    return {
      sql: `select count(*) as n from ${this.table.path} t ${where}`,
      values: bindings.values,
    };
  }

  /**
   * The records that match after `from` (exclusive), up to `until` (inclusive), the newest first.
   */
  window(
    from: RecordPosition | null,
    until: RecordPosition | null,
    limit: number,
    offset: number,
    filter: ParsedFilter,
  ): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const where = this.between(from, until, filter, bindings);
    const slice = `limit ${bindings.add(limit)} offset ${bindings.add(offset)}`;
    return { sql: this.select(`${where} ${this.order} ${slice}`), values: bindings.values };
  }

  /**
   * The dates and ids of the records that match after `from` (exclusive), up to `until`
   * (inclusive), the newest first.
   */
  positions(
    from: RecordPosition | null,
    until: RecordPosition | null,
    limit: number,
    filter: ParsedFilter,
  ): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const where = this.between(from, until, filter, bindings);
    const sql = `${this.place} ${where} ${this.order} limit ${bindings.add(limit)}`;
    return { sql, values: bindings.values };
  }

  /**
   * Date and id of the last of the next `size` records, whether they match `filter.where` or not.
   * No row if fewer are left.
   */
  windowEnd(from: RecordPosition | null, size: number, filter: ParsedFilter): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const where = this.where({ ...filter, where: [] }, bindings, from);
    const slice = `limit 1 offset ${bindings.add(size - 1)}`;
    return { sql: `${this.place} ${where} ${this.order} ${slice}`, values: bindings.values };
  }

  /**
   * The numbers that SQLite gave to the rows of the first record from `start` on, and of the last
   * one until `end`. Null where there is none.
   */
  rowNumbers(start: Date, end: Date): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const number = (test: string, date: Date, order: string) =>
      `(select t.rowid from ${this.table.path} t where t.${this.date} ${test} ` +
      `${bindings.add(date.getTime())} ${order} limit 1)`;
    const first = number('>=', start, `order by t.${this.date}`);
    const last = number('<=', end, this.order);
    return { sql: `select ${first} as first, ${last} as last`, values: bindings.values };
  }

  /** The records at those of the given positions where one is stored. */
  storedAt(positions: readonly RecordPosition[]): SqlStatement {
    const [date, id] = [`t.${this.date}`, `t.${this.id}`];
    const { sql, values } = this.table.dialect.amongKeys(date, id, positions.map(keyOf));
    return { sql: `${this.place} where ${sql}`, values };
  }

  /** The stored records that have one of the given ids, which a table may have no index for. */
  idsAmong(ids: readonly string[]): SqlStatement {
    const { sql, values } = this.table.dialect.among(`t.${this.id}`, ids);
    return { sql: `${this.place} where ${sql}`, values };
  }

  private orderBy({ field, isDescending }: RecordOrder = NEWEST_FIRST): string {
    const direction = isDescending ? 'desc' : 'asc';
    if (field !== 'date')
      return `order by t.${this.table.column(field)} ${direction}, ${this.newest}`;
    return isDescending ? this.order : `order by t.${this.date}, t.${this.id}`;
  }

  private select(rest: string): string {
    return `select ${this.table.selectList('t', 'property')} from ${this.table.path} t ${rest}`;
  }

  private get place(): string {
    const { dialect, path } = this.table;
    return (
      `select t.${this.date} as ${dialect.quote('date')}, t.${this.id} as ${dialect.quote('id')} ` +
      `from ${path} t`
    );
  }

  private between(
    from: RecordPosition | null,
    until: RecordPosition | null,
    filter: ParsedFilter,
    bindings: SqlBindings,
  ): string {
    if (until === null) return this.where(filter, bindings, from);
    // `until` lies within the bounds, so it replaces `start`: with both, SQLite would scan all
    // records from `start` on.
    const where = this.where({ ...filter, start: null }, bindings, from);
    return `${where === '' ? 'where' : `${where} and`} ${this.beyond(until, '>=', bindings)}`;
  }

  private where(
    { start, end, where }: ParsedFilter,
    bindings: SqlBindings,
    position: RecordPosition | null | undefined = null,
    order: 'asc' | 'desc' = 'desc',
  ): string {
    const terms = where.map((condition) => this.conditions.compile(condition, bindings).sql);
    // A position lies within the bounds, so it replaces the bound that reading moves away from.
    if (start && !(position && order === 'asc'))
      terms.push(`t.${this.date} >= ${bindings.add(start.getTime())}`);
    if (end && !(position && order === 'desc'))
      terms.push(`t.${this.date} <= ${bindings.add(end.getTime())}`);
    if (position) terms.push(this.beyond(position, order === 'asc' ? '>' : '<', bindings));
    return terms.length === 0 ? '' : `where ${terms.join(' and ')}`;
  }

  private beyond(
    { date, id }: RecordPosition,
    than: '<' | '>' | '>=',
    bindings: SqlBindings,
  ): string {
    const instant = date.getTime();
    // MariaDB derives no index range from a comparison of row values.
    if (this.table.dialect.name === 'mysql')
      return (
        `t.${this.date} ${than[0]}= ${bindings.add(instant)} and ` +
        `(t.${this.date} ${than[0]} ${bindings.add(instant)} or t.${this.id} ${than} ${bindings.add(id)})`
      );
    return `(t.${this.date}, t.${this.id}) ${than} (${bindings.add(instant)}, ${bindings.add(id)})`;
  }
}
