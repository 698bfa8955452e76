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
    after: RecordPosition | null = null,
  ): string {
    const terms = where.map(([field, value]) => {
      const column = `t.${this.table.column(field satisfies keyof UsageWhere)}`;
      return value === null ? `${column} is null` : `${column} = ${bindings.add(value)}`;
    });
    if (start) terms.push(`t.${this.date} >= ${bindings.add(start.getTime())}`);
    if (after) terms.push(this.before(after, bindings));
    else if (end) terms.push(`t.${this.date} <= ${bindings.add(end.getTime())}`);
    return terms.length === 0 ? '' : `where ${terms.join(' and ')}`;
  }

  private before({ date, id }: RecordPosition, bindings: SqlBindings): string {
    const instant = date.getTime();
    // MariaDB reads no index range from a comparison of rows.
    if (this.table.dialect.name === 'mysql')
      return (
        `t.${this.date} <= ${bindings.add(instant)} and ` +
        `(t.${this.date} < ${bindings.add(instant)} or t.${this.id} < ${bindings.add(id)})`
      );
    return `(t.${this.date}, t.${this.id}) < (${bindings.add(instant)}, ${bindings.add(id)})`;
  }
}
