import { OTHER_KEY, type SummaryRow } from '../../summary/index.js';

/**
 * Whether a recomputation removed a row from a bucket that has rejected keys. One of those keys
 * takes the row's room: recompute again to find out which.
 */
export function leavesRoom(before: readonly SummaryRow[], after: readonly SummaryRow[]): boolean {
  const kept = new Set(after.map(idOf));
  return before.some((row) => !kept.has(idOf(row)) && kept.has(idOf({ ...row, key: OTHER_KEY })));
}

function idOf({ dimension, period, bucket, key }: SummaryRow): string {
  return `${dimension} ${period} ${bucket} ${key}`;
}
