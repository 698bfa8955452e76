import type { ParsedFilter, ParsedUsageQuery } from '../../parse-usage-query.js';
import type { UsageWhere } from '../../usage-query.js';
import type { RecordTable } from '../layout/sql-layout.js';
import { SqlBindings, type SqlStatement } from '../sql-statement.js';

/** Where a stream goes on: the last record that was read. */
export interface RecordPosition {
  readonly date: Date;
  readonly id: string;
}

/** The statements that read records. */
export class RecordQueries {
  private readonly id: string;
  private readonly date: string;
  private readonly order: string;

  constructor(private readonly table: RecordTable) {
    this.id = table.column('id');
    this.date = table.column('date');
    this.order = `order by t.${this.date} desc, t.${this.id} desc`;
  }

  page({ limit, offset, ...filter }: ParsedUsageQuery): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const where = this.where(filter, bindings);
    const slice = `${this.order} limit ${bindings.add(limit)}`;
    if (offset === 0) return { sql: this.select(`${where} ${slice}`), values: bindings.values };
    // SQLite does not read what it skips, but for a join it reads the whole table: how short the
    // list of keys will be is a bound value, which it does not plan by.
    if (this.table.dialect.name === 'sqlite') {
      const sql = this.select(`${where} ${slice} offset ${bindings.add(offset)}`);
      return { sql, values: bindings.values };
    }
    // What a deep page skips is read from the index alone, not from the table.
    const keys =
      `select t.${this.id} as k from ${this.table.path} t ${where} ${slice} ` +
      `offset ${bindings.add(offset)}`;
    return {
      sql: this.select(`join (${keys}) s on s.k = t.${this.id} ${this.order}`),
      values: bindings.values,
    };
  }

  /** The next records after a position, in the order of pages. */
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

  /** The oldest date, from an instant on. */
  firstDate(from: number | null): SqlStatement {
    const where =
      from === null ? '' : `where t.${this.date} >= ${this.table.dialect.placeholder(1)}`;
    return {
      sql: `select min(t.${this.date}) as ${this.table.dialect.quote('date')} from ${this.table.path} t ${where}`,
      values: from === null ? [] : [from],
    };
  }

  /** The ids of the oldest records from before an instant. */
  oldestIds(before: number, limit: number): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    return {
      sql:
        `select t.${this.id} as ${this.table.dialect.quote('id')} from ${this.table.path} t ` +
        `where t.${this.date} < ${bindings.add(before)} order by t.${this.date}, t.${this.id} ` +
        `limit ${bindings.add(limit)}`,
      values: bindings.values,
    };
  }

  delete(ids: readonly string[]): SqlStatement {
    const { sql, value } = this.table.dialect.among(this.id, ids);
    return { sql: `delete from ${this.table.path} where ${sql}`, values: [value] };
  }

  count(filter: ParsedFilter): SqlStatement {
    const bindings = new SqlBindings(this.table.dialect);
    const where = this.where(filter, bindings);
    return {
      sql: `select count(*) as n from ${this.table.path} t ${where}`,
      values: bindings.values,
    };
  }

  /** Which of some ids are stored. */
  idsAmong(ids: readonly string[]): SqlStatement {
    const { sql, value } = this.table.dialect.among(`t.${this.id}`, ids);
    return {
      sql: `select t.${this.id} as ${this.table.dialect.quote('id')} from ${this.table.path} t where ${sql}`,
      values: [value],
    };
  }

  private select(rest: string): string {
    return `select ${this.table.selectList('t')} from ${this.table.path} t ${rest}`;
  }

  private where(
    { start, end, where }: ParsedFilter,
    bindings: SqlBindings,
    position: RecordPosition | null = null,
    order: 'asc' | 'desc' = 'desc',
  ): string {
    const terms = where.map(([field, value]) => {
      const column = `t.${this.table.column(field satisfies keyof UsageWhere)}`;
      return value === null ? `${column} is null` : `${column} = ${bindings.add(value)}`;
    });
    // A position is within the bounds: it takes the place of the one that it moves away from.
    if (start && !(position && order === 'asc'))
      terms.push(`t.${this.date} >= ${bindings.add(start.getTime())}`);
    if (end && !(position && order === 'desc'))
      terms.push(`t.${this.date} <= ${bindings.add(end.getTime())}`);
    if (position) terms.push(this.beyond(position, order === 'asc' ? '>' : '<', bindings));
    return terms.length === 0 ? '' : `where ${terms.join(' and ')}`;
  }

  private beyond({ date, id }: RecordPosition, than: '<' | '>', bindings: SqlBindings): string {
    const instant = date.getTime();
    // MariaDB reads no index range from a comparison of rows.
    if (this.table.dialect.name === 'mysql')
      return (
        `t.${this.date} ${than}= ${bindings.add(instant)} and ` +
        `(t.${this.date} ${than} ${bindings.add(instant)} or t.${this.id} ${than} ${bindings.add(id)})`
      );
    return `(t.${this.date}, t.${this.id}) ${than} (${bindings.add(instant)}, ${bindings.add(id)})`;
  }
}
