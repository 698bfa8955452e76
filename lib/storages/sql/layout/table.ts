import type { SqlDialect } from '../dialects/dialect.js';
import type { Column, TableShape } from '../dialects/shapes.js';

/** A table of the library in one database: its path, and the names of its columns there. */
export class Table<C extends Column = Column> implements TableShape<C> {
  /** The quoted name, with the schema if there is one. */
  readonly path: string;

  constructor(
    readonly dialect: SqlDialect,
    readonly schema: string | null,
    readonly name: string,
    readonly columns: readonly C[],
    private readonly columnNames: ReadonlyMap<string, string> = new Map(),
  ) {
    this.path = (schema ? [schema, name] : [name]).map((part) => dialect.quote(part)).join('.');
  }

  /** The same table with the columns of an earlier version, as migrations know it. */
  withColumns<D extends Column>(columns: readonly D[]): Table<D> {
    return new Table(this.dialect, this.schema, this.name, columns, this.columnNames);
  }

  /** The column's name in the database. */
  columnName(column: Column): string {
    return this.columnNames.get(column.property) ?? column.name;
  }

  /**
   * The quoted name of the column of a property.
   *
   * @throws {Error} if the table has no such column.
   */
  column(property: C['property']): string {
    const column = this.columns.find((each) => each.property === property);
    if (!column) throw new Error(`The table ${this.name} has no column for ${property}.`);
    return this.dialect.quote(this.columnName(column));
  }

  /** All columns, quoted, in order. */
  get columnList(): string {
    return this.columns.map((column) => this.dialect.quote(this.columnName(column))).join(', ');
  }

  /**
   * All columns, aliased to the names by which the library reads rows: the columns' or the
   * properties'.
   *
   * @param left Properties of columns to leave out.
   */
  selectList(
    alias: string,
    by: 'name' | 'property' = 'name',
    left: readonly string[] = [],
  ): string {
    const quote = (name: string) => this.dialect.quote(name);
    return this.columns
      .filter(({ property }) => !left.includes(property))
      .map((column) => `${alias}.${quote(this.columnName(column))} as ${quote(column[by])}`)
      .join(', ');
  }

  /** The name of an index or constraint, short enough for every database. */
  indexName(suffix: string): string {
    return `${this.name.slice(0, 50)}_${suffix}`;
  }
}
