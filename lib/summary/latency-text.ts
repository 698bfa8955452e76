import { risingSlots, type LatencyCounts } from './latency-counts.js';

const VERSION = '1:';
const COMMA = 0x2c;
const DIGITS = [...'0123456789abcdefghijklmnopqrstuvwxyz'];
// Numbers of two digits. toString(36) takes ten times as long.
const PAIRS = DIGITS.flatMap((high) => DIGITS.map((low) => high + low));
const TEXT = /^1:(?:[\da-z]{2}(?:[1-9a-z][\da-z]*)?,)*$/;

/**
 * Counts of latency as text for one column, the same for the same counts:
 *
 *     1:4w,4x3,a01z,
 *
 * `1:` is the version. Then comes each slot, rising, as two digits in base 36, its count in base 36
 * unless it is 1, and a comma. No counts are `1:`; all slots are at most 12 kB.
 */
export function encodeLatency(counts: LatencyCounts): string {
  let text = VERSION;
  for (const slot of risingSlots(counts)) text += pairText(slot, counts.get(slot)!);
  return text;
}

/** @throws {Error} for text of another version or shape. */
export function decodeLatency(text: string): Map<number, number> {
  if (!TEXT.test(text)) throw unreadable(text);
  const counts = new Map<number, number>();
  for (let at = VERSION.length; at < text.length;) {
    const end = text.indexOf(',', at);
    counts.set(slotAt(text, at), countAt(text, at, end));
    at = end + 1;
  }
  return counts;
}

/**
 * The text of counts with others added: `encodeLatency` of both together, but only what changes
 * is read and written.
 *
 * @throws {Error} for text of another version or shape.
 */
export function mergeLatency(text: string, counts: LatencyCounts): string {
  if (!text.startsWith(VERSION) || (text !== VERSION && !text.endsWith(',')))
    throw unreadable(text);
  let merged = '';
  let copied = 0;
  let at = VERSION.length;
  for (const slot of risingSlots(counts)) {
    const count = counts.get(slot)!;
    let reached = slotAt(text, at);
    while (reached < slot) {
      at = endOf(text, at) + 1;
      reached = slotAt(text, at);
    }
    merged += text.slice(copied, at);
    if (reached === slot) {
      const end = endOf(text, at);
      merged += pairText(slot, countAt(text, at, end) + count);
      at = end + 1;
    } else {
      merged += pairText(slot, count);
    }
    copied = at;
  }
  return merged + text.slice(copied);
}

function pairText(slot: number, count: number): string {
  return `${PAIRS[slot]}${count === 1 ? '' : base36(count)},`;
}

function base36(count: number): string {
  let digits = '';
  let rest = count;
  for (; rest >= 36; rest = Math.floor(rest / PAIRS.length))
    digits = PAIRS[rest % PAIRS.length]! + digits;
  return (rest ? DIGITS[rest]! : '') + digits;
}

function endOf(text: string, at: number): number {
  const end = text.indexOf(',', at + 2);
  if (end < 0) throw unreadable(text);
  return end;
}

/** NaN, which nothing is equal to or below, at the end of the text. */
function slotAt(text: string, at: number): number {
  return digit(text.charCodeAt(at)) * 36 + digit(text.charCodeAt(at + 1));
}

function countAt(text: string, at: number, end: number): number {
  if (text.charCodeAt(at + 2) === COMMA) return 1;
  let count = 0;
  for (let i = at + 2; i < end; i++) count = count * 36 + digit(text.charCodeAt(i));
  return count;
}

function digit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

function unreadable(text: string): Error {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new Error(
    `Counts of latency: expected text such as '1:4w,4x3,', but got '${shown}'. It may have been ` +
      `written by a newer version of this package; rebuildSummaries() makes it anew.`,
  );
}
