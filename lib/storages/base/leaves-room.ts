import { OTHER_KEY, type SummaryRow } from '../../summary/index.js';

/**
 * Whether buckets that have had to turn keys away have lost a row when they were counted anew. Its
 * room belongs to one of those keys: who counts once more will find which.
 */
export function leavesRoom(before: readonly SummaryRow[], after: readonly SummaryRow[]): boolean {
  const kept = new Set(after.map(idOf));
  return before.some((row) => !kept.has(idOf(row)) && kept.has(idOf({ ...row, key: OTHER_KEY })));
}

function idOf({ dimension, period, bucket, key }: SummaryRow): string {
  return `${dimension} ${period} ${bucket} ${key}`;
}
