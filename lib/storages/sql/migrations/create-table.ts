import type { Column } from '../layout/column.js';
import type { Table } from '../layout/table.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';
import { checkColumns } from './check-tables.js';

/** An index of a table, by the properties that it orders. */
export interface IndexShape<C extends Column> {
  readonly suffix: string;
  readonly properties: readonly C['property'][];
}

/**
 * Makes a table and its indexes.
 *
 * @throws if a table of that name is there that is not the library's.
 */
export function* createTable<C extends Column>(
  table: Table<C>,
  primaryKey: readonly C['property'][],
  indexes: readonly IndexShape<C>[] = [],
): SqlScript {
  const found = yield table.dialect.columnsOf(table);
  if (found.rows.length > 0) checkColumns(table, found.rows);
  else for (const sql of table.dialect.createTable(table, primaryKey, indexes)) yield plain(sql);
}

export function* dropTable(table: Table): SqlScript {
  yield plain(`drop table if exists ${table.path}`);
}

function plain(sql: string): SqlStatement {
  return { sql, values: [] };
}
