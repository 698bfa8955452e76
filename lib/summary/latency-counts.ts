import { latencyValue } from './latency-scale.js';

/** How many requests there were in each slot of latency; slots without any are left out. */
export type LatencyCounts = ReadonlyMap<number, number>;

/** Adds counts to others in place. */
export function addLatency(into: Map<number, number>, counts: LatencyCounts): void {
  for (const [slot, count] of counts) into.set(slot, (into.get(slot) ?? 0) + count);
}

/**
 * Percentiles of the latencies counted, in seconds.
 *
 * The rank is the nearest one: the p-th percentile of `n` values is the `ceil(p · n / 100)`-th
 * smallest, as its slot gives it. Without values every percentile is 0.
 *
 * @param percents Rising, each above 0 and up to 100.
 */
export function percentiles(counts: LatencyCounts, percents: readonly number[]): number[] {
  const slots = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const total = slots.reduce((sum, [, count]) => sum + count, 0);
  let at = 0;
  let reached = slots[0]?.[1] ?? 0;
  return percents.map((percent) => {
    const rank = Math.ceil((percent * total) / 100);
    while (reached < rank && at < slots.length - 1) reached += slots[++at]![1];
    const slot = slots[at];
    return slot ? latencyValue(slot[0]) : 0;
  });
}
