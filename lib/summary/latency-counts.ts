import { LatencyTally } from './latency-tally.js';

const tally = new LatencyTally();

/** How many requests there were in each slot of latency; slots without any are left out. */
export type LatencyCounts = ReadonlyMap<number, number>;

/** Takes such counts, one slot after the other. */
export type OnSlot = (slot: number, count: number) => void;

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
 * @param percents Whole numbers, rising, from 1 to 100.
 */
export function percentiles(counts: LatencyCounts, percents: readonly number[]): number[] {
  tally.clear();
  for (const [slot, count] of counts) tally.add(slot, count);
  return tally.percentiles(percents);
}
