import type { Column, IndexShape } from '../dialects/shapes.js';
import type { Table } from '../layout/table.js';
import { statementOf, type SqlScript } from '../sql-statement.js';
import { checkColumns } from './check-tables.js';

/** How a table is created. */
interface TableForm {
  /** Whether SQLite stores the rows in the order of the key. */
  readonly isClustered?: boolean;
  /** Text to append to the `create table` statement. */
  readonly end?: string;
}

/**
 * Creates a table, unless it exists.
 *
 * @returns Whether the table was missing.
 * @throws {Error} if a table of that name exists that lacks the library's columns, or the name is
 * taken by something else.
 */
export function* createTable<C extends Column>(
  table: Table<C>,
  primaryKey: readonly C['property'][],
  { isClustered, end = '' }: TableForm = {},
): SqlScript<boolean> {
  const found = yield table.dialect.columnsOf(table);
  if (found.rows.length > 0) {
    checkColumns(table, found.rows);
    return false;
  }
  yield* make(table, `${table.dialect.createTable(table, primaryKey, isClustered)} ${end}`);
  return true;
}

/**
 * Adds the missing columns to a table that may have many rows. Each is nullable or has a default,
 * so that an older version can go on inserting the columns that it knows.
 */
export function* addColumns(table: Table): SqlScript {
  const { rows } = yield table.dialect.columnsOf(table);
  const names = new Set(rows.map((row) => row['name']));
  const missing = table.columns.filter((each) => !names.has(table.columnName(each)));
  if (missing.length > 0) yield* table.dialect.addColumns(table, missing);
}

/** Drops those of the columns that the table has. */
export function* dropColumns(table: Table): SqlScript {
  const { rows } = yield table.dialect.columnsOf(table);
  const names = new Set(rows.map((row) => row['name']));
  for (const column of table.columns) {
    const name = table.columnName(column);
    if (!names.has(name)) continue;
    yield statementOf(`alter table ${table.path} drop column ${table.dialect.quote(name)}`);
  }
}

/**
 * Creates an index on a table that may have existed for long. Does nothing if the index exists, and
 * replaces one whose creation was interrupted.
 */
export function* createIndex<C extends Column>(table: Table<C>, index: IndexShape<C>): SqlScript {
  const { rows } = yield table.dialect.findIndex(table, index.suffix);
  if (rows[0]?.['usable']) return;
  if (rows.length > 0) yield statementOf(table.dialect.dropIndex(table, index.suffix));
  yield* make(table, table.dialect.createIndex(table, index));
}

export function* dropIndex(table: Table, suffix: string): SqlScript {
  const found = yield table.dialect.findIndex(table, suffix);
  if (found.rows.length > 0) yield statementOf(table.dialect.dropIndex(table, suffix));
}

export function* dropTable(table: Table): SqlScript {
  yield statementOf(`drop table if exists ${table.path}`);
}

// The table does not exist, so "already exists" is about an index's name or about something that is
// no table.
function* make(table: Table, sql: string): SqlScript {
  try {
    yield statementOf(sql);
  } catch (error) {
    const { message } = error as Error;
    if (
      !/already exists|already another table or index|already a(n index| table) named/.test(message)
    )
      throw error;
    throw new Error(
      `SqlStorage: the table ${table.path} cannot be made with its indexes: ${message}. An index ` +
        `has the first 50 characters of its table's name: choose a recordTable that differs in ` +
        'them, or rename what is there.',
      { cause: error },
    );
  }
}
