import type { SqlRows, SqlRowValues } from '../dialects/dialect.js';
import type { SqlValue } from '../dialects/shapes.js';
import { type Batch, RepeatedRecordsError } from '../records/batch-writer.js';
import type { SqlResult, SqlStatement } from '../sql-statement.js';

/** The data that a thread is started with. */
export interface ThreadData {
  /** Path of the SQLite file. */
  readonly database: string;
  /** The file that better-sqlite3 is loaded from. */
  readonly driver: string;
  /** Whether the thread writes. If not, it never creates the file. */
  readonly writes: boolean;
  /** Whether the thread migrates the tables of a file that it opens. */
  readonly migrates: boolean;
  readonly recordTable: string;
  readonly summaryTable: string;
  readonly maxKeys: number;
}

/** A request to a thread. */
export type ThreadRequest =
  | { readonly kind: 'batch'; readonly rows: PackedRows; readonly increments: Batch['increments'] }
  /**
   * Begins a transaction: a writing one if `session` is null, else one that reads a single state
   * through a connection of its own.
   */
  | { readonly kind: 'begin'; readonly session: number | null }
  /** Runs a statement, within the transaction of a session if one is given. */
  | { readonly kind: 'run'; readonly session: number | null; readonly statement: SqlStatement }
  | { readonly kind: 'end'; readonly session: number | null; readonly commits: boolean }
  /**
   * Reads the first part of a statement's rows. `next` reads the following ones, and `drop`
   * discards them.
   */
  | { readonly kind: 'read'; readonly statement: SqlStatement }
  | { readonly kind: 'next'; readonly cursor: number }
  | { readonly kind: 'drop'; readonly cursor: number }
  /** Asks whether the file contains a text. */
  | { readonly kind: 'holds'; readonly text: string }
  /** Opens the file if it is not open, or recreates it if it is gone. */
  | { readonly kind: 'renew' }
  | { readonly kind: 'close' };

/** The answer to a request. */
export interface ThreadAnswer {
  readonly id: number;
  readonly result?: PackedResult;
  /** Set if there are more rows: names them in a `next` request. */
  readonly cursor?: number;
  readonly holds?: boolean;
  /** The file was gone and was recreated. */
  readonly isRenewed?: boolean;
  readonly error?: ThreadError;
}

/** A result in the form that is sent to another thread. */
export interface PackedResult {
  readonly columns: readonly string[];
  readonly rows: PackedRows;
  readonly changes: number;
}

/**
 * An error in the form that is sent to another thread. An error of better-sqlite3 would lose all
 * but its code.
 */
export interface ThreadError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

export function packResult(
  columns: readonly string[],
  rows: readonly SqlRowValues[],
  changes: number,
): PackedResult {
  return { columns, rows: packRows(rows), changes };
}

export function unpackResult({ columns, rows, changes }: PackedResult): SqlResult {
  const unpacked = Array.from(new UnpackedRows(rows), (values) => {
    const row: Record<string, unknown> = {};
    for (let at = 0; at < columns.length; at++) row[columns[at]!] = values[at];
    return row;
  });
  return { rows: unpacked, changes };
}

export function packError(thrown: unknown): ThreadError {
  const { name, message, code } = thrown as Error & { code?: unknown };
  return {
    name: String(name),
    message: String(message),
    ...(typeof code === 'string' && { code }),
  };
}

export function unpackError({ name, message, code }: ThreadError): Error {
  if (name === 'RepeatedRecordsError') return new RepeatedRecordsError(message);
  return Object.assign(new Error(message), { name, ...(code && { code }) });
}

/**
 * Rows in the form that is sent to another thread. The records of a batch share most of their
 * texts, and a text costs most of what copying and recreating a value costs, so each text is sent
 * once.
 */
export interface PackedRows {
  /** Values per row. */
  readonly width: number;
  /** The values, row by row: 0 is null, `n` the n-th text, `-n` the n-th number, counted from 1. */
  readonly cells: Int32Array;
  readonly texts: readonly string[];
  readonly numbers: Float64Array;
}

/** @param rows Rows of equal length. */
export function packRows(rows: SqlRows): PackedRows {
  let width = 0;
  let cells = new Int32Array(0);
  const places = new Map<string, number>();
  const texts: string[] = [];
  const numbers: number[] = [];
  let at = 0;
  for (const row of rows) {
    if (at === 0) cells = new Int32Array(rows.length * (width = row.length));
    for (const value of row) {
      if (typeof value === 'string') {
        let place = places.get(value);
        if (place === undefined) places.set(value, (place = texts.push(value)));
        cells[at] = place;
      } else if (value !== null) {
        cells[at] = -numbers.push(value);
      }
      at++;
    }
  }
  return { width, cells, texts, numbers: Float64Array.from(numbers) };
}

/** Unpacks rows, each when it is asked for. See `RowsOfRecords` for why it is a class. */
export class UnpackedRows implements SqlRows {
  constructor(private readonly packed: PackedRows) {}

  get length(): number {
    const { cells, width } = this.packed;
    return width === 0 ? 0 : cells.length / width;
  }

  *[Symbol.iterator](): Generator<SqlValue[]> {
    const { width, cells, texts, numbers } = this.packed;
    for (let start = 0; start < cells.length; start += width) {
      const row = new Array<SqlValue>(width);
      for (let at = 0; at < width; at++) {
        const cell = cells[start + at]!;
        row[at] = cell === 0 ? null : cell > 0 ? texts[cell - 1]! : numbers[-cell - 1]!;
      }
      yield row;
    }
  }
}
