import { latencyValue } from './latency-scale.js';

/** How many requests there were in each slot of latency; slots without any are left out. */
export type LatencyCounts = ReadonlyMap<number, number>;

/** Adds counts to others in place. */
export function addLatency(into: Map<number, number>, counts: LatencyCounts): void {
  for (const [slot, count] of counts) into.set(slot, (into.get(slot) ?? 0) + count);
}

/** The slots that hold anything, from the fastest. */
export function risingSlots(counts: LatencyCounts): Uint16Array {
  const slots = new Uint16Array(counts.size);
  let at = 0;
  for (const slot of counts.keys()) slots[at++] = slot;
  return slots.sort();
}

/**
 * Percentiles of the latencies counted, in seconds.
 *
 * The rank is the nearest one: the p-th percentile of `n` values is the `ceil(p · n / 100)`-th
 * smallest, as its slot gives it. Without values every percentile is 0.
 *
 * @param percents Whole numbers, rising, from 1 to 100.
 */
export function percentiles(counts: LatencyCounts, percents: readonly number[]): number[] {
  const slots = risingSlots(counts);
  let total = 0;
  for (const count of counts.values()) total += count;
  let at = 0;
  let reached = counts.get(slots[0] ?? 0) ?? 0;
  return percents.map((percent) => {
    const rank = Math.ceil((percent * total) / 100);
    while (reached < rank && at < slots.length - 1) reached += counts.get(slots[++at]!)!;
    return latencyValue(slots[at] ?? 0);
  });
}
