import type { UsageRecord } from '../record/index.js';

/**
 * How many requests a record counts as, in whole numbers.
 *
 * A sampled record counts as `weight` requests. Version 0.1 wrote fractional weights. Such a weight
 * is rounded by a draw from the record's id: 3.25 is rounded up to 4 for a quarter of the records,
 * down to 3 for the others. Totals stay true on average, and the same record always counts the
 * same.
 */
export function wholeWeight({ weight, id }: UsageRecord): number {
  if (!(weight > 1 && weight < Infinity)) return 1;
  const whole = Math.floor(weight);
  return weight === whole || draw(id) >= weight - whole ? whole : whole + 1;
}

/** A pseudo-random number from 0 to 1 that depends only on the text (FNV-1a, then mixed). */
function draw(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
