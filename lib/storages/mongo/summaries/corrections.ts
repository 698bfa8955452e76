import {
  compareRows,
  MEASURES,
  minusCounts,
  noCounts,
  rowWith,
  type SummaryIncrement,
} from '../../../summary/index.js';

/**
 * What is to be added to a row, or taken away. `firstSeen` and `lastSeen` are those that the row
 * should have.
 */
export interface Correction extends SummaryIncrement {
  /**
   * The hits that the row had when it was compared, if its first or last request is gone. If others
   * have counted in it since, nobody knows which is the first and the last of those that are left.
   */
  readonly comparedAt?: number | undefined;
}

/** What is to be done to sums to make them what they should be. */
export interface Corrections {
  /** In lock order. */
  readonly rows: readonly Correction[];
  /** Rows that are there, and that nothing is left of. */
  readonly emptied: readonly SummaryIncrement[];
}

export function correctionsOf(
  stored: readonly SummaryIncrement[],
  expected: readonly SummaryIncrement[],
): Corrections {
  const missing = new Map(expected.map((row) => [idOf(row), row]));
  const rows: Correction[] = [];
  const emptied: SummaryIncrement[] = [];
  for (const row of stored) {
    const wanted = missing.get(idOf(row));
    missing.delete(idOf(row));
    const change = correctionOf(row, wanted);
    if (change) rows.push(change);
    if (!wanted) emptied.push(row);
  }
  return { rows: [...rows, ...missing.values()].sort(compareRows), emptied };
}

/**
 * What makes a row that is stored the one that is wanted.
 *
 * @param wanted Undefined: nothing is to be left of it.
 * @returns Null if there is nothing to be done.
 */
export function correctionOf(
  stored: SummaryIncrement,
  wanted: SummaryIncrement | undefined,
): Correction | null {
  const { dimension, period, bucket, key } = stored;
  const { firstSeen, lastSeen, ...changes } = minusCounts(wanted ?? noCounts(), stored);
  const isNarrowed =
    (isFinite(stored.firstSeen) && firstSeen > stored.firstSeen) ||
    (isFinite(stored.lastSeen) && lastSeen < stored.lastSeen);
  const isChanged =
    changes.latency.size > 0 ||
    MEASURES.some(({ name, merge }) => merge === 'add' && changes[name] !== 0);
  if (!isChanged && firstSeen === stored.firstSeen && lastSeen === stored.lastSeen) return null;
  const counts = { ...changes, firstSeen, lastSeen };
  const row = rowWith(dimension, period, bucket, key, counts, wanted?.unhandled);
  return isNarrowed ? Object.assign(row, { comparedAt: stored.hits }) : row;
}

function idOf({ dimension, period, bucket, key }: SummaryIncrement): string {
  return `${dimension} ${period} ${bucket} ${key}`;
}
