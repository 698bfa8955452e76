import type { Column, ColumnKind, SqlValue } from '../layout/column.js';
import type { Table } from '../layout/table.js';
import type { IndexShape } from '../migrations/create-table.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';

/** A condition with its first and only parameter. */
export interface AmongTerm {
  readonly sql: string;
  readonly value: SqlStatement['values'][number];
}

/** What differs between databases in the text of statements. */
export interface SqlDialect {
  readonly name: 'sqlite' | 'postgres' | 'mysql';
  /** An identifier as data. */
  quote(identifier: string): string;
  /** The parameter at a position, counted from 1. */
  placeholder(position: number): string;
  columnType(kind: ColumnKind): string;
  /** Lists the columns of a table as `name`; of a table that is not there, none. */
  columnsOf(table: Table): SqlStatement;
  /** The statements that make a table that is not there. */
  createTable<C extends Column>(
    table: Table<C>,
    primaryKey: readonly C['property'][],
    indexes: readonly IndexShape<C>[],
  ): string[];
  /** Makes the schema of a table, where databases have them. */
  prepareSchema(table: Table): SqlScript;
  /** Whether an id is one of some, as one bound value however many there are. */
  among(expression: string, ids: readonly string[]): AmongTerm;
  /** Inserts rows by the hot path. Gives how many were new. */
  insert(table: Table, rows: readonly (readonly SqlValue[])[]): SqlScript<number>;
}
