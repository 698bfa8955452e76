import {
  addCounts,
  noCounts,
  OTHER_KEY,
  type MutableCounts,
  type SummaryCounts,
  type SummaryIncrement,
  type SummaryRow,
} from '../../../summary/index.js';

/**
 * Rows as they may be stored, made of what records say.
 *
 * A request without a handler counts under `(other)` where its key has no row, and has not taken
 * one. Others may bring the key its row later, so that it counts in both: which of its requests
 * count where depends on the order in which they came. Rows that are stored and agree with one
 * such order are right, and what they lack belongs to `(other)`.
 *
 * @param unhandled What requests without a handler add to `rows`.
 * @param live The rows that are stored.
 */
export function asStored(
  rows: readonly SummaryIncrement[],
  unhandled: readonly SummaryIncrement[],
  live: readonly (SummaryRow | SummaryIncrement)[],
): SummaryIncrement[] {
  const parts = new Map(unhandled.map((row) => [idOf(row), row]));
  if (parts.size === 0) return [...rows];
  const stored = new Map(live.map((row) => [idOf(row), row]));
  const moved = new Map<string, MutableCounts>();
  const kept = rows.map((row) => {
    const part = parts.get(idOf(row));
    if (!part || row.key === OTHER_KEY) return row;
    const marked = part.hits === row.hits ? { ...row, unhandled: true as const } : row;
    const own = stored.get(idOf(row));
    const other = idOf({ ...row, key: OTHER_KEY });
    if (!own || !('hits' in own) || !stored.has(other)) return marked;
    const lack = minus(row, own);
    if (lack.hits === 0 || !isWithin(lack, part)) return marked;
    const counts = moved.get(other) ?? noCounts();
    moved.set(other, counts);
    addCounts(counts, lack);
    return { ...marked, ...minus(row, lack) };
  });
  return kept.map((row) => {
    const more = moved.get(idOf(row));
    if (!more) return row;
    addCounts(more, row);
    return { ...row, ...more };
  });
}

function minus(a: SummaryCounts, b: SummaryCounts): MutableCounts {
  const rest = noCounts();
  addCounts(rest, a);
  rest.hits -= b.hits;
  rest.transfer -= b.transfer;
  rest.errors -= b.errors;
  rest.duration -= b.duration;
  for (const [slot, count] of b.latency) {
    const left = (rest.latency.get(slot) ?? 0) - count;
    if (left === 0) rest.latency.delete(slot);
    else rest.latency.set(slot, left);
  }
  return rest;
}

/** Whether counts are a part of others. */
function isWithin(part: SummaryCounts, whole: SummaryCounts): boolean {
  const rest = minus(whole, part);
  return [part, rest].every(
    ({ hits, transfer, errors, duration, latency }) =>
      Math.min(hits, transfer, errors, duration, ...latency.values()) >= 0,
  );
}

function idOf({ dimension, period, bucket, key }: SummaryRow): string {
  return `${dimension} ${period} ${bucket} ${key}`;
}
