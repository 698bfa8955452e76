import type { SqlDialect, UpsertShape } from './dialect.js';
import type { Column, IndexShape, TableShape } from './shapes.js';

type Types = Pick<SqlDialect, 'quote' | 'columnType'>;

/** The columns of a table with their types, and its primary key, as `create table` takes them. */
export function definitions<C extends Column>(
  dialect: Types,
  table: TableShape<C>,
  primaryKey: readonly C['property'][],
): string[] {
  const columns = table.columns.map((column) => definition(dialect, table, column));
  return [...columns, `primary key (${columnList(table, primaryKey)})`];
}

/** A column with its type, as `create table` and `add column` take it. */
export function definition(dialect: Types, table: TableShape, column: Column): string {
  return (
    `${dialect.quote(table.columnName(column))} ${dialect.columnType(column.kind)}` +
    (column.nullable ? '' : ' not null') +
    (column.default === undefined ? '' : ` default ${column.default}`)
  );
}

/** The statement that adds columns to a table. */
export function addition(dialect: Types, table: TableShape, columns: readonly Column[]): string {
  const added = columns.map((column) => `add column ${definition(dialect, table, column)}`);
  return `alter table ${table.path} ${added.join(', ')}`;
}

export function columnList<C extends Column>(
  table: TableShape<C>,
  properties: readonly C['property'][],
): string {
  return properties.map((property) => table.column(property)).join(', ');
}

/** Quotes an identifier as standard SQL does. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** The statement that creates a partial index: of the rows whose first column is not null. */
export function partialIndex<C extends Column>(
  table: TableShape<C>,
  { suffix, properties }: IndexShape<C>,
): string {
  return (
    `create index ${quoted(table.indexName(suffix))} on ${table.path} ` +
    `(${columnList(table, properties)}) where ${table.column(properties[0]!)} is not null`
  );
}

/** How a database refers to the stored and the given value of an upsert. */
interface UpsertTerms {
  readonly stored: (column: string) => string;
  readonly given: (column: string) => string;
  /** The database's functions for the lesser and the greater of two values. */
  readonly extremes: readonly [least: string, greatest: string];
}

/**
 * The assignments that an upsert makes in a stored row. A column that is null takes the given
 * value.
 */
export function upsertChanges<C extends Column>(
  table: TableShape<C>,
  { add, min = [], max = [], set }: UpsertShape<C>,
  { stored, given, extremes: [least, greatest] }: UpsertTerms,
): string {
  const nullable = new Set(table.columns.filter((each) => each.nullable).map((c) => c.property));
  const change = (property: C['property'], to: (before: string, added: string) => string) => {
    const column = table.column(property);
    return `${column} = ${to(stored(column), given(column))}`;
  };
  const extreme = (of: string) => (before: string, added: string) =>
    `${of}(coalesce(${before}, ${added}), coalesce(${added}, ${before}))`;
  return [
    ...add.map((each) =>
      change(each, (before, added) =>
        nullable.has(each) ? `coalesce(${before}, 0) + ${added}` : `${before} + ${added}`,
      ),
    ),
    ...min.map((each) => change(each, extreme(least))),
    ...max.map((each) => change(each, extreme(greatest))),
    ...set.map((each) => change(each, (_, added) => added)),
  ].join(', ');
}
