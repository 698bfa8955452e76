import type { Column } from '../layout/column.js';
import type { Table } from '../layout/table.js';

/** The columns of a table with their types, and its primary key, as `create table` lists them. */
export function definitions<C extends Column>(
  table: Table<C>,
  primaryKey: readonly C['property'][],
): string[] {
  const { dialect } = table;
  const columns = table.columns.map(
    (column) =>
      `${dialect.quote(table.columnName(column))} ${dialect.columnType(column.kind)}` +
      (column.nullable ? '' : ' not null'),
  );
  return [...columns, `primary key (${columnList(table, primaryKey)})`];
}

export function columnList<C extends Column>(
  table: Table<C>,
  properties: readonly C['property'][],
): string {
  return properties.map((property) => table.column(property)).join(', ');
}
