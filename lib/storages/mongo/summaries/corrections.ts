import {
  compareRows,
  MEASURES,
  minusCounts,
  noCounts,
  rowWith,
  type SummaryIncrement,
  nameOfRow,
} from '../../../summary/index.js';

/**
 * What to add to a row, or to subtract from it. `firstSeen` and `lastSeen` are the values that the
 * row should have.
 */
export interface Correction extends SummaryIncrement {
  /**
   * The hits that the row had when it was compared, if its first or last request has been deleted.
   * If others have counted in the row since, the first and the last of its requests are unknown.
   */
  readonly comparedAt?: number | undefined;
}

/** What makes sums correct. */
export interface Corrections {
  /** In lock order. */
  readonly rows: readonly Correction[];
  /** Stored rows that should not exist. */
  readonly emptied: readonly SummaryIncrement[];
}

export function correctionsOf(
  stored: readonly SummaryIncrement[],
  expected: readonly SummaryIncrement[],
): Corrections {
  const missing = new Map(expected.map((row) => [nameOfRow(row), row]));
  const rows: Correction[] = [];
  const emptied: SummaryIncrement[] = [];
  for (const row of stored) {
    const wanted = missing.get(nameOfRow(row));
    missing.delete(nameOfRow(row));
    const change = correctionOf(row, wanted);
    if (change) rows.push(change);
    if (!wanted) emptied.push(row);
  }
  return { rows: [...rows, ...missing.values()].sort(compareRows), emptied };
}

/**
 * Returns the correction that turns a stored row into the wanted one.
 *
 * @param wanted Undefined: the row should not exist.
 * @returns Null if the row is correct.
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
