import type { SqlRowValues } from '../dialects/dialect.js';
import type { SqlValue } from '../layout/column.js';

/**
 * Rows on their way to another thread. The records of a batch have most of their texts in common,
 * and a text costs most of what a value costs to copy and to make anew: here each goes once.
 */
export interface PackedRows {
  /** Values in a row. */
  readonly width: number;
  /** Row by row, what each value is: 0 null, `n` the n-th text, `-n` the n-th number. */
  readonly cells: Int32Array;
  readonly texts: readonly string[];
  readonly numbers: Float64Array;
}

/** @param rows All of one length. */
export function packRows(rows: readonly SqlRowValues[]): PackedRows {
  const width = rows[0]?.length ?? 0;
  const cells = new Int32Array(rows.length * width);
  const places = new Map<string, number>();
  const texts: string[] = [];
  const numbers: number[] = [];
  let at = 0;
  for (const row of rows)
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
  return { width, cells, texts, numbers: Float64Array.from(numbers) };
}

export function unpackRows({ width, cells, texts, numbers }: PackedRows): SqlRowValues[] {
  const rows: SqlRowValues[] = [];
  for (let start = 0; start < cells.length; start += width) {
    const row: SqlValue[] = [];
    for (let at = start; at < start + width; at++) {
      const cell = cells[at]!;
      row.push(cell === 0 ? null : cell > 0 ? texts[cell - 1]! : numbers[-cell - 1]!);
    }
    rows.push(row);
  }
  return rows;
}
