import type { UsageRecord } from '../record/index.js';

/**
 * How many requests a record stands for, in whole numbers.
 *
 * A record of a sample stands for `weight` requests. A weight that is not whole, as version 0.1
 * wrote them, is rounded up or down by a draw from the record's id, as often up as its fraction
 * says: 3.25 counts four times for a quarter of the records. Totals stay true on average, and the
 * same record counts the same each time.
 */
export function wholeWeight({ weight, id }: UsageRecord): number {
  if (!(weight > 1 && weight < Infinity)) return 1;
  const whole = Math.floor(weight);
  return weight === whole || draw(id) >= weight - whole ? whole : whole + 1;
}

/** A number from 0 to 1 that looks random but depends on the text alone (FNV-1a, then mixed). */
function draw(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
