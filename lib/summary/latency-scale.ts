const GAMMA = 1.04;
const SLOTS_PER_LOG = 1 / Math.log(GAMMA);
// Reaches Number.MAX_SAFE_INTEGER microseconds, 285 years.
const UPPER = upperBounds();

/** Number of slots on the scale. */
export const LATENCY_SLOTS = UPPER.length;

/**
 * The slot that counts a latency, from 0.
 *
 * Slot 0 holds 0 µs; slot `k` holds the whole microseconds above 1.04^(k-2) up to 1.04^(k-1), so
 * 1 µs is in slot 1, a millisecond in 178 and a day in 644. The value reported for a slot is within
 * 2 % of every latency in it. Bounds are products, not logarithms, so they are the same on every
 * platform. The scale is part of the stored format: it never changes.
 *
 * @param micros Microseconds; fractions are rounded, negative values and NaN count as 0.
 */
export function latencySlot(micros: number): number {
  const whole = Math.min(Math.round(micros), Number.MAX_SAFE_INTEGER);
  if (!(whole > 0)) return 0;
  let slot = Math.max(Math.ceil(Math.log(whole) * SLOTS_PER_LOG), 0) + 1;
  // Rounding of the logarithm may miss the slot by one at its bounds.
  while (whole > UPPER[slot]!) slot++;
  while (slot > 1 && whole <= UPPER[slot - 1]!) slot--;
  return slot;
}

/**
 * Seconds reported for a slot: the value with the least relative error to all it may hold.
 *
 * @throws {RangeError} if the slot is not on the scale.
 */
export function latencyValue(slot: number): number {
  if (slot === 0) return 0;
  const upper = UPPER[slot];
  if (upper === undefined) throw slotError(slot);
  const high = Math.floor(upper);
  const low = Math.floor(UPPER[slot - 1]!) + 1;
  // A slot between two whole microseconds is always empty.
  if (low > high) return upper / 1e6;
  return (2 * low * high) / (low + high) / 1e6;
}

/** The error for a slot that is not on the scale. */
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
