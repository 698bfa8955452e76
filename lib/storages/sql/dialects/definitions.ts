import type { SqlDialect } from './dialect.js';
import type { Column, IndexShape, TableShape } from './shapes.js';

type Types = Pick<SqlDialect, 'quote' | 'columnType'>;

/** The columns of a table with their types, and its primary key, as `create table` lists them. */
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

/** What adds columns to a table, in one statement. */
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

/** An identifier as data, as standard SQL has it. */
export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** The statement that makes an index of the rows that have a value in its first column. */
export function partialIndex<C extends Column>(
  table: TableShape<C>,
  { suffix, properties }: IndexShape<C>,
): string {
  return (
    `create index ${quoted(table.indexName(suffix))} on ${table.path} ` +
    `(${columnList(table, properties)}) where ${table.column(properties[0]!)} is not null`
  );
}
