import type { Column, ColumnKind, IndexShape, SqlRow, SqlValue, TableShape } from './shapes.js';
import type { SqlScript, SqlStatement } from '../sql-statement.js';
import type { BucketKey, SumKey } from './sum-key.js';

/** Values of a row, in the order of its table's columns. */
export type SqlRowValues = readonly SqlValue[];

/** What an upsert does with each column. */
export interface UpsertShape<C extends Column> {
  readonly key: readonly C['property'][];
  readonly add: readonly C['property'][];
  /** The least of both, and the greatest. */
  readonly min?: readonly C['property'][];
  readonly max?: readonly C['property'][];
  readonly set: readonly C['property'][];
}

/** A condition with its first and only parameter. */
export interface AmongTerm {
  readonly sql: string;
  readonly value: SqlStatement['values'][number];
}

/** The tables that writers lock, as a whole or by a row. */
export interface LockedTables {
  readonly records: TableShape;
  readonly buckets: TableShape;
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
  columnsOf(table: TableShape): SqlStatement;
  /** The statements that make a table that is not there. */
  createTable<C extends Column>(
    table: TableShape<C>,
    primaryKey: readonly C['property'][],
    indexes: readonly IndexShape<C>[],
  ): string[];
  /** Adds columns to a table that may have many rows, without writing any of these anew. */
  addColumns(table: TableShape, columns: readonly Column[]): SqlScript;
  /**
   * Finds an index of a table; no row if it is not there. `usable` is false of one that was left
   * half made.
   */
  findIndex(table: TableShape, suffix: string): SqlStatement;
  /** The statement that makes an index of the rows that have a value in its first column. */
  createIndex<C extends Column>(table: TableShape<C>, index: IndexShape<C>): string;
  dropIndex(table: TableShape, suffix: string): string;
  /** Makes the schema of a table, where databases have them. */
  prepareSchema(table: TableShape): SqlScript;
  /** Whether an id is one of some, as one bound value however many there are. */
  among(expression: string, ids: readonly string[]): AmongTerm;
  /** The first step of a transaction that adds to sums: it waits while `lockExclusive` holds. */
  lockShared(tables: LockedTables): SqlScript;
  /** Waits until nobody adds to sums, and keeps them from it until the transaction ends. */
  lockExclusive(tables: LockedTables): SqlScript;
  /** Inserts rows that have a key of their own. Gives how many were new. */
  insert(table: TableShape, rows: readonly SqlRowValues[]): SqlScript<number>;
  /** Inserts rows or, where a key is there, adds to its row. */
  upsert<C extends Column>(
    table: TableShape<C>,
    shape: UpsertShape<C>,
    rows: readonly SqlRowValues[],
  ): SqlScript;
  /** Reads those of some buckets that are there, as rows of the buckets' table. */
  readBuckets(table: TableShape, buckets: readonly BucketKey[]): SqlScript<SqlRow[]>;
  /**
   * Reads the key and the latency of those rows that are there, and keeps other writers from them
   * until the transaction ends. Keys come in lock order.
   */
  lockSums(table: TableShape, keys: readonly SumKey[]): SqlScript<SqlRow[]>;
}
