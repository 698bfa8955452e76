import type { SqlRows, SqlRowValues } from '../dialects/shapes.js';
import type { SqlValue } from '../dialects/shapes.js';

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
  let cells = new Int32Array(0);
  let width = 0;
  const places = new Map<string, number>();
  const texts: string[] = [];
  const numbers: number[] = [];
  let at = 0;
  for (const row of rows) {
    if (at === 0) {
      width = row.length;
      cells = new Int32Array(rows.length * width);
    }
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

export function unpackRows(packed: PackedRows): SqlRowValues[] {
  const rows: SqlRowValues[] = [];
  for (let at = 0; at < packed.cells.length; at += packed.width) {
    const row: SqlValue[] = [];
    for (let cell = at; cell < at + packed.width; cell++) row.push(valueAt(packed, cell));
    rows.push(row);
  }
  return rows;
}

/**
 * Reads packed rows one after the other, all in the same array: a batch of rows that are thrown
 * away would be most of what the writing thread's garbage collection has to do.
 */
export class PackedRowList implements SqlRows {
  readonly length: number;
  readonly filled: readonly number[];

  constructor(private readonly packed: PackedRows) {
    const { width, cells } = packed;
    this.length = width === 0 ? 0 : cells.length / width;
    const positions = Array.from({ length: width }, (_, at) => at);
    this.filled = positions.filter((position) => {
      for (let at = position; at < cells.length; at += width) if (cells[at] !== 0) return true;
      return false;
    });
  }

  *[Symbol.iterator](): Generator<SqlRowValues> {
    const { packed, filled } = this;
    const { width, cells } = packed;
    const row: SqlValue[] = filled.map(() => null);
    for (let start = 0; start < cells.length; start += width) {
      for (let at = 0; at < filled.length; at++) row[at] = valueAt(packed, start + filled[at]!);
      yield row;
    }
  }
}

function valueAt({ cells, texts, numbers }: PackedRows, at: number): SqlValue {
  const cell = cells[at]!;
  return cell === 0 ? null : cell > 0 ? texts[cell - 1]! : numbers[-cell - 1]!;
}
