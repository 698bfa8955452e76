import type { OnSlot } from './latency-counts.js';
import { LATENCY_SLOTS } from './latency-scale.js';
import { latencyTextError } from './latency-text.js';

const [ZERO, NINE, COLON, COMMA] = [0x30, 0x39, 0x3a, 0x2c];
const [A, Z] = [0x61, 0x7a];
/** What each text begins with: its version. */
const VERSION_CODE = 0x31;

const counts = new Float64Array(LATENCY_SLOTS);

/**
 * Reads texts of `encodeLatency` that a database has joined, one after the other, and passes on the
 * counts of all of them, slot by slot. Joined texts are long and have each slot many times, so their
 * digits are parsed in place, into a reused array.
 *
 * @throws {Error} if a text has another version or shape, before `onSlot` is called.
 */
export function readJoinedLatency(text: string, onSlot: OnSlot): void {
  counts.fill(0);
  let [first, last] = [LATENCY_SLOTS, -1];
  const { length } = text;
  if (length > 0 && !isVersion(text, 0)) throw latencyTextError(text);
  for (let at = 0; at < length;) {
    if (isVersion(text, at)) {
      at += 2;
      continue;
    }
    const slot = digit(text.charCodeAt(at)) * 36 + digit(text.charCodeAt(at + 1));
    at += 2;
    let count = 0;
    for (let code = text.charCodeAt(at++); code !== COMMA; code = text.charCodeAt(at++)) {
      count = count * 36 + digit(code);
      // What is no digit, as beyond the end, gives NaN.
      if (!(count >= 0)) throw latencyTextError(text);
    }
    if (!(slot < LATENCY_SLOTS)) throw latencyTextError(text);
    counts[slot] = counts[slot]! + (count === 0 ? 1 : count);
    if (slot < first) first = slot;
    if (slot > last) last = slot;
  }
  for (let slot = first; slot <= last; slot++) if (counts[slot]! > 0) onSlot(slot, counts[slot]!);
}

function isVersion(text: string, at: number): boolean {
  return text.charCodeAt(at) === VERSION_CODE && text.charCodeAt(at + 1) === COLON;
}

function digit(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  return code >= A && code <= Z ? code - A + 10 : NaN;
}
