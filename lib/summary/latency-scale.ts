const GAMMA = 1.04;
const SLOTS_PER_LOG = 1 / Math.log(GAMMA);
// Reaches Number.MAX_SAFE_INTEGER microseconds, 285 years.
const UPPER = upperBounds();

/** How many slots there are. */
export const LATENCY_SLOTS = UPPER.length;

/**
 * The slot that a latency counts in, from 0.
 *
 * Slot 0 holds 0 µs; slot `k` holds the whole microseconds above 1.04^(k-2) up to 1.04^(k-1), so
 * 1 µs is in slot 1, a millisecond in 178 and a day in 644. The value that stands for a slot is
 * within 2 % of all that it holds. Bounds are products, not logarithms, and so the same wherever
 * this runs. The scale is part of what is stored: it never changes.
 *
 * @param micros Microseconds; a fraction is rounded, what is negative or no number counts as 0.
 */
export function latencySlot(micros: number): number {
  const whole = Math.min(Math.round(micros), Number.MAX_SAFE_INTEGER);
  if (!(whole > 0)) return 0;
  let slot = Math.max(Math.ceil(Math.log(whole) * SLOTS_PER_LOG), 0) + 1;
  // The logarithm may be off by a rounding at the bounds.
  while (whole > UPPER[slot]!) slot++;
  while (slot > 1 && whole <= UPPER[slot - 1]!) slot--;
  return slot;
}

/** Seconds that stand for a slot: the value with the least relative error to all it may hold. */
export function latencyValue(slot: number): number {
  if (slot === 0) return 0;
  const upper = UPPER[slot];
  if (upper === undefined) throw slotError(slot);
  const high = Math.floor(upper);
  const low = Math.floor(UPPER[slot - 1]!) + 1;
  // Slots that lie between two whole microseconds hold nothing.
  if (low > high) return upper / 1e6;
  return (2 * low * high) / (low + high) / 1e6;
}

export function slotError(slot: number): RangeError {
  return new RangeError(
    `slot: expected a whole number from 0 to ${UPPER.length - 1}, but got ${slot}.`,
  );
}

function upperBounds(): Float64Array {
  const bounds = [0];
  for (let bound = 1; ; bound *= GAMMA) {
    bounds.push(bound);
    if (bound >= Number.MAX_SAFE_INTEGER) return Float64Array.from(bounds);
  }
}
