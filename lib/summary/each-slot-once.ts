import type { OnSlot } from './latency-counts.js';
import { LATENCY_SLOTS } from './latency-scale.js';

const added = new Float64Array(LATENCY_SLOTS);

/**
 * Adds up what `read` passes of each slot, in a reused array, and passes it on once, in rising order.
 * The rows of a report have each slot dozens of times. A slot that the scale does not have is passed
 * on as it comes.
 */
export function eachSlotOnce(read: (onSlot: OnSlot) => void, onSlot: OnSlot): void {
  added.fill(0);
  let [first, last] = [LATENCY_SLOTS, -1];
  read((slot, count) => {
    if (!(slot < LATENCY_SLOTS)) return onSlot(slot, count);
    added[slot] = added[slot]! + count;
    if (slot < first) first = slot;
    if (slot > last) last = slot;
  });
  for (let slot = first; slot <= last; slot++) if (added[slot]! > 0) onSlot(slot, added[slot]!);
}
