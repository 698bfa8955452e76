import { risingSlots, type LatencyCounts, type OnSlot } from './latency-counts.js';

const VERSION = '1:';
const COMMA = 0x2c;
const LAST_DIGIT = 0x7a;
const DIGIT_CODES = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz', 'latin1');
const TEXT = /^1:(?:[\da-z]{2}(?:[1-9a-z][\da-z]*)?,)*$/;

/**
 * Encodes latency counts as text for one column. Equal counts give equal text:
 *
 *     1:4w,4x3,a01z,
 *
 * `1:` is the version. For each slot, in rising order, follow the slot as two digits in base 36,
 * its count in base 36 unless it is 1, and a comma. Empty counts are `1:`. All slots together take
 * at most 14 kB.
 */
export function encodeLatency(counts: LatencyCounts): string {
  let to = 0;
  for (const slot of risingSlots(counts)) {
    scratch[to++] = DIGIT_CODES[Math.floor(slot / 36)]!;
    scratch[to++] = DIGIT_CODES[slot % 36]!;
    to = writeCount(counts.get(slot)!, to);
  }
  return textOf(to);
}

/** @throws {Error} if the text has another version or shape. */
export function decodeLatency(text: string): Map<number, number> {
  const counts = new Map<number, number>();
  readLatency(text, (slot, count) => counts.set(slot, count));
  return counts;
}

/**
 * Reads the counts of a text, slot by slot.
 *
 * @throws {Error} if the text has another version or shape, before `onSlot` is called.
 */
export function readLatency(text: string, onSlot: OnSlot): void {
  if (!TEXT.test(text)) throw latencyTextError(text);
  for (let at = VERSION.length; at < text.length;) {
    const end = text.indexOf(',', at);
    onSlot(slotAt(text, at), countAt(text, at, end));
    at = end + 1;
  }
}

/**
 * Merges two texts into the text of their added counts, without decoding them into maps.
 *
 * @throws {Error} if a text has another version or shape.
 */
export function mergeLatency(text: string, added: string): string {
  for (const each of [text, added]) if (!isWhole(each)) throw latencyTextError(each);
  if (text.length + added.length > scratch.length) throw latencyTextError(text);
  let at = VERSION.length;
  let to = 0;
  for (let from = VERSION.length; from < added.length;) {
    const slot = slotAt(added, from);
    let reached = slotAt(text, at);
    while (reached < slot) {
      const next = endOf(text, at) + 1;
      to = copy(text, at, next, to);
      at = next;
      reached = slotAt(text, at);
    }
    const end = endOf(added, from);
    if (reached === slot) {
      const same = endOf(text, at);
      to = copy(text, at, at + 2, to);
      to = writeCount(countAt(text, at, same) + countAt(added, from, end), to);
      at = same + 1;
    } else {
      to = copy(added, from, end + 1, to);
    }
    from = end + 1;
  }
  to = copy(text, at, text.length, to);
  return textOf(to);
}

// All slots with the largest counts take 14 kB, and a merged text is no longer than its two parts.
const scratch = Buffer.allocUnsafe(32 * 1024);

function copy(text: string, from: number, until: number, to: number): number {
  for (let at = from; at < until; at++) {
    const code = text.charCodeAt(at);
    if (code > LAST_DIGIT) throw latencyTextError(text);
    scratch[to++] = code;
  }
  return to;
}

/** Writes a count, omitted if it is 1, and the comma. Returns the next position. */
function writeCount(count: number, to: number): number {
  if (count > 1) {
    let width = 1;
    for (let rest = Math.floor(count / 36); rest > 0; rest = Math.floor(rest / 36)) width++;
    let rest = count;
    for (let at = to + width - 1; at >= to; at--) {
      scratch[at] = DIGIT_CODES[rest % 36]!;
      rest = Math.floor(rest / 36);
    }
    to += width;
  }
  scratch[to] = COMMA;
  return to + 1;
}

function isWhole(text: string): boolean {
  return text.startsWith(VERSION) && (text === VERSION || text.endsWith(','));
}

/** The version and the first `length` bytes of `scratch` as text. */
function textOf(length: number): string {
  return VERSION + scratch.toString('latin1', 0, length);
}

function endOf(text: string, at: number): number {
  const end = text.indexOf(',', at + 2);
  if (end < 0) throw latencyTextError(text);
  return end;
}

/** The slot at a position. NaN at the end of the text, so that every comparison is false. */
function slotAt(text: string, at: number): number {
  return parseDigit(text.charCodeAt(at)) * 36 + parseDigit(text.charCodeAt(at + 1));
}

function countAt(text: string, at: number, end: number): number {
  if (text.charCodeAt(at + 2) === COMMA) return 1;
  let count = 0;
  for (let i = at + 2; i < end; i++) count = count * 36 + parseDigit(text.charCodeAt(i));
  return count;
}

function parseDigit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

/** The error for a text of another version or shape. */
export function latencyTextError(text: string): Error {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new Error(
    `Counts of latency: expected text such as '1:4w,4x3,', but got '${shown}'. It may have been ` +
      `written by a newer version of this package; rebuildSummaries() recomputes it.`,
  );
}
