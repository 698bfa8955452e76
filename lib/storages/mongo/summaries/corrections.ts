import {
  minusCounts,
  noCounts,
  type SummaryCounts,
  type SummaryIncrement,
} from '../../../summary/index.js';

/** What is to be added to sums, or taken away, to make them what they should be. */
export interface Corrections {
  /** To rows that are there. */
  readonly changed: readonly SummaryIncrement[];
  /** Rows that are missing. */
  readonly missing: readonly SummaryIncrement[];
  /** Those of the changed rows that nothing is left of. */
  readonly emptied: readonly SummaryIncrement[];
}

export function correctionsOf(
  stored: readonly SummaryIncrement[],
  expected: readonly SummaryIncrement[],
): Corrections {
  const missing = new Map(expected.map((row) => [idOf(row), row]));
  const changed: SummaryIncrement[] = [];
  const emptied: SummaryIncrement[] = [];
  for (const row of stored) {
    const wanted = missing.get(idOf(row));
    missing.delete(idOf(row));
    const change = difference(row, wanted ?? noCounts());
    if (change) changed.push({ ...row, ...change });
    if (!wanted) emptied.push(row);
  }
  return { changed, missing: [...missing.values()], emptied };
}

/** Null if there is none. */
function difference(stored: SummaryCounts, wanted: SummaryCounts): SummaryCounts | null {
  const change = minusCounts(wanted, stored);
  const { hits, transfer, errors, duration, latency } = change;
  return hits || transfer || errors || duration || latency.size > 0 ? change : null;
}

function idOf({ dimension, period, bucket, key }: SummaryIncrement): string {
  return `${dimension} ${period} ${bucket} ${key}`;
}
