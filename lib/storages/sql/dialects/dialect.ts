import type { Column, ColumnKind, IndexShape, SqlRow, SqlValue, TableShape } from './shapes.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';
import type { FilterTerms } from './filter-terms.js';
import type { BucketKey, SumKey } from './sum-key.js';

/** The values of a row, in the order of its table's columns. */
export type SqlRowValues = readonly SqlValue[];

/**
 * Rows to write. They may be made one after the other, anew whenever they are gone through: an array
 * of all rows of a batch would outlive a minor collection, and with it every row.
 */
export interface SqlRows extends Iterable<SqlRowValues> {
  readonly length: number;
}

/** How an upsert merges each column with the stored row. */
export interface UpsertShape<C extends Column> {
  readonly key: readonly C['property'][];
  readonly add: readonly C['property'][];
  /** Columns that keep the lesser value, and those that keep the greater. */
  readonly min?: readonly C['property'][];
  readonly max?: readonly C['property'][];
  readonly set: readonly C['property'][];
}

/** A condition, and the values of its parameters, which are the only ones of their statement. */
export interface AmongTerm {
  readonly sql: string;
  readonly values: SqlStatement['values'];
}

/** What a record is found by: its date in milliseconds since 1970, and its id. */
export type RecordKey = readonly [date: number, id: string];

/** The tables that writers lock, as a whole or by one row. */
export interface LockedTables {
  readonly records: TableShape;
  readonly buckets: TableShape;
}

/** The differences between databases in the text of statements. */
export interface SqlDialect {
  readonly name: 'sqlite' | 'postgres' | 'mysql';
  readonly filters: FilterTerms;
  /** Quotes an identifier. */
  quote(identifier: string): string;
  /** The placeholder of the parameter at a position, counted from 1. */
  placeholder(position: number): string;
  columnType(kind: ColumnKind): string;
  /** Lists the columns of a table as `name`. A missing table has none. */
  columnsOf(table: TableShape): SqlStatement;
  /**
   * The statement that creates a missing table.
   *
   * @param isClustered Whether SQLite stores the rows in the order of the key, without a row id.
   * By default it does so if the key has several columns. InnoDB always does, PostgreSQL never.
   */
  createTable<C extends Column>(
    table: TableShape<C>,
    primaryKey: readonly C['property'][],
    isClustered?: boolean,
  ): string;
  /**
   * Adds columns to a table that may have many rows, without rewriting them if the database can.
   */
  addColumns(table: TableShape, columns: readonly Column[]): SqlScript;
  /**
   * Finds an index of a table. No row if it is missing; `usable` is false if its creation was
   * interrupted.
   */
  findIndex(table: TableShape, suffix: string): SqlStatement;
  /**
   * The statement that creates an index on a table that may have many rows. On PostgreSQL and
   * SQLite it covers only the rows whose first column is not null.
   */
  createIndex<C extends Column>(table: TableShape<C>, index: IndexShape<C>): string;
  dropIndex(table: TableShape, suffix: string): string;
  /** Creates the schema of a table if it is missing, on databases that have schemas. */
  prepareSchema(table: TableShape): SqlScript;
  /** A condition that an id is in a list. The list is one bound value, whatever its length. */
  among(expression: string, ids: readonly string[]): AmongTerm;
  /** A condition that a date and an id are in a list of keys, which an index of both finds. */
  amongKeys(date: string, id: string, keys: readonly RecordKey[]): AmongTerm;
  /**
   * The first step of a transaction that adds to sums. It waits while another transaction holds
   * `lockExclusive`.
   */
  lockShared(tables: LockedTables): SqlScript;
  /** Waits until no transaction adds to sums, and blocks such transactions until this one ends. */
  lockExclusive(tables: LockedTables): SqlScript;
  /**
   * Inserts rows that each have a primary key of their own.
   *
   * @returns How many rows were new. MySQL and MariaDB return 0 as soon as one key is repeated; the
   * caller then has to undo the transaction.
   */
  insert(table: TableShape, rows: SqlRows): SqlScript<number>;
  /** Inserts rows. If a key is stored already, merges the row with the stored one. */
  upsert<C extends Column>(
    table: TableShape<C>,
    shape: UpsertShape<C>,
    rows: readonly SqlRowValues[],
  ): SqlScript;
  /** Reads those of the given buckets that are stored, as rows of the buckets' table. */
  readBuckets(table: TableShape, buckets: readonly BucketKey[]): SqlScript<SqlRow[]>;
  /**
   * Reads the key and the latency of those of the given rows that are stored, and locks them
   * against other writers until the transaction ends. Keys come in lock order.
   */
  lockSums(table: TableShape, keys: readonly SumKey[]): SqlScript<SqlRow[]>;
}
