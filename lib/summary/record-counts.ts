import type { UsageRecord } from '../record/index.js';
import { latencySlot } from './latency-scale.js';

/** What one record adds to each of its buckets. */
export interface RecordCounts {
  readonly hits: number;
  /** Bytes. */
  readonly transfer: number;
  readonly errors: number;
  /** Microseconds. */
  readonly duration: number;
  /** The slot of latency that gets `hits` more. */
  readonly slot: number;
  /** Whether the request reached a handler. */
  readonly handled: boolean;
}

/**
 * What a record adds to sums, in whole numbers.
 *
 * A record of a sample stands for `weight` requests and counts that many times. A weight that is
 * not whole, as version 0.1 wrote them, is rounded up or down by a draw from the record's id, as
 * often up as its fraction says: 3.25 counts four times for a quarter of the records. Totals stay
 * true on average, and the same record counts the same each time.
 */
export function recordCounts(record: UsageRecord): RecordCounts {
  const hits = wholeWeight(record);
  const micros = natural(record.speed * 1e6);
  return {
    hits,
    transfer: natural(record.contentLength) * hits,
    errors: record.status >= 500 ? hits : 0,
    duration: micros * hits,
    slot: latencySlot(micros),
    handled: record.handler !== null,
  };
}

function wholeWeight({ weight, id }: UsageRecord): number {
  if (!(weight > 1 && weight < Infinity)) return 1;
  const whole = Math.floor(weight);
  return weight === whole || draw(id) >= weight - whole ? whole : whole + 1;
}

// One number that is not a number would spoil a sum for good.
function natural(value: number): number {
  return value > 0 && value < Infinity ? Math.round(value) : 0;
}

/** A number from 0 to 1 that looks random but depends on the text alone (FNV-1a, then mixed). */
function draw(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
