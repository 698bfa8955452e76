/** What a column holds; each dialect has a type for it. */
export type ColumnKind =
  'id' | 'word' | 'key' | 'instant' | 'text' | 'json' | 'integer' | 'bigint' | 'flag' | 'real';

/** A value as it is bound: instants in milliseconds, flags as 0 and 1, JSON as text. */
export type SqlValue = string | number | null;

/** A row as a driver gives it back, by the names of `Column`. */
export type SqlRow = Record<string, unknown>;

/** A column of one of the library's tables. */
export interface Column {
  /** Its name, unless the application's naming strategy has another. */
  readonly name: string;
  /** Path of the entity's property. */
  readonly property: string;
  readonly kind: ColumnKind;
  readonly nullable?: boolean;
  /** What a row has that says nothing: of a column that came later and cannot be null. */
  readonly default?: number;
}

/** An index of a table, by the properties that it orders. */
export interface IndexShape<C extends Column> {
  readonly suffix: string;
  readonly properties: readonly C['property'][];
}

/** A table as statements name it: where it is, and what its columns are called there. */
export interface TableShape<C extends Column = Column> {
  readonly schema: string | null;
  readonly name: string;
  /** The quoted name, with the schema if there is one. */
  readonly path: string;
  readonly columns: readonly C[];
  /** All columns, quoted, in order. */
  readonly columnList: string;
  /** What the database calls a column. */
  columnName(column: Column): string;
  /** A column, quoted; by the property that it holds. */
  column(property: C['property']): string;
  /** All columns under the names that the library reads rows by. */
  selectList(alias: string): string;
  /** Name of an index or constraint, short enough for every database. */
  indexName(suffix: string): string;
}
