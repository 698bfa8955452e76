import type { RecordKey } from '../dialects/dialect.js';
import type { SqlRow } from '../dialects/shapes.js';

/**
 * The place of a record in the order of dates. No two records have the same, and every table has an
 * index by it.
 */
export interface RecordPosition {
  readonly date: Date;
  readonly id: string;
}

/** The position in a row that has `date` and `id`. */
export function positionOfRow(row: SqlRow): RecordPosition {
  return { date: new Date(Number(row['date'])), id: row['id'] as string };
}

/** A position as statements bind it. */
export function keyOf({ date, id }: RecordPosition): RecordKey {
  return [date.getTime(), id];
}
