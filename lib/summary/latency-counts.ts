import { LatencyTally } from './latency-tally.js';

const tally = new LatencyTally();

/** The number of requests in each latency slot. Empty slots are omitted. */
export type LatencyCounts = ReadonlyMap<number, number>;

/** Receives latency counts, one slot at a time. */
export type OnSlot = (slot: number, count: number) => void;

/** Adds `counts` to `into`. */
export function addLatency(into: Map<number, number>, counts: LatencyCounts): void {
  for (const [slot, count] of counts) into.set(slot, (into.get(slot) ?? 0) + count);
}

/** The slots that have counts, the fastest first. */
export function risingSlots(counts: LatencyCounts): Uint16Array {
  const slots = new Uint16Array(counts.size);
  let at = 0;
  for (const slot of counts.keys()) slots[at++] = slot;
  return slots.sort();
}

/**
 * Percentiles of the counted latencies, in seconds.
 *
 * @param percents Whole numbers, rising, from 1 to 100.
 */
export function percentiles(counts: LatencyCounts, percents: readonly number[]): number[] {
  tally.clear();
  for (const [slot, count] of counts) tally.add(slot, count);
  return tally.percentiles(percents);
}
