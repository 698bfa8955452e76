/** The kind of value in a column. Each dialect maps it to a type. */
export type ColumnKind =
  'id' | 'word' | 'key' | 'instant' | 'text' | 'json' | 'integer' | 'bigint' | 'flag' | 'real';

/** A value as it is bound: instants in milliseconds since 1970, flags as 0 and 1, JSON as text. */
export type SqlValue = string | number | null;

/** A row as a driver returns it, keyed by `Column.name`. */
export type SqlRow = Record<string, unknown>;

/** A column of one of the library's tables. */
export interface Column {
  /** The column's name, unless the application's naming strategy gives another. */
  readonly name: string;
  /** Path of the property in the entity, such as `userAgent.kind`. */
  readonly property: string;
  readonly kind: ColumnKind;
  readonly nullable?: boolean;
  /** The value of rows that give none: for a column that was added later and cannot be null. */
  readonly default?: number;
}

/** An index of a table, over columns in this order. */
export interface IndexShape<C extends Column> {
  readonly suffix: string;
  readonly properties: readonly C['property'][];
}

/** A table as statements refer to it: its path, and the names of its columns in the database. */
export interface TableShape<C extends Column = Column> {
  readonly schema: string | null;
  readonly name: string;
  /** The quoted name, with the schema if there is one. */
  readonly path: string;
  readonly columns: readonly C[];
  /** All columns, quoted, in order. */
  readonly columnList: string;
  /** The column's name in the database. */
  columnName(column: Column): string;
  /** The quoted name of the column of a property. */
  column(property: C['property']): string;
  /** All columns, aliased to the names by which the library reads rows. */
  selectList(alias: string): string;
  /** The name of an index or constraint, short enough for every database. */
  indexName(suffix: string): string;
}
