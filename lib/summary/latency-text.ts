import type { LatencyCounts } from './latency-counts.js';

const VERSION = '1:';

/**
 * Counts of latency as text for one column, the same for the same counts:
 *
 *     1:4w,2*3,a*1z
 *
 * `1:` is the version. Then come the slots in rising order, separated by commas, each as its
 * distance to the slot before (the first: to 0) and, unless it is 1, `*` and its count. Numbers
 * are in base 36. No counts are `1:`.
 */
export function encodeLatency(counts: LatencyCounts): string {
  return encodePairs([...counts].sort(([a], [b]) => a - b));
}

/** @throws {Error} for text of another version or shape. */
export function decodeLatency(text: string): Map<number, number> {
  return new Map(decodePairs(text));
}

/** The text of counts with others added. */
export function mergeLatency(text: string, counts: LatencyCounts): string {
  const merged = decodeLatency(text);
  for (const [slot, count] of counts) merged.set(slot, (merged.get(slot) ?? 0) + count);
  return encodeLatency(merged);
}

function encodePairs(pairs: readonly (readonly [slot: number, count: number])[]): string {
  let text = VERSION;
  let before = 0;
  for (const [slot, count] of pairs) {
    if (text.length > VERSION.length) text += ',';
    text += (slot - before).toString(36);
    if (count !== 1) text += `*${count.toString(36)}`;
    before = slot;
  }
  return text;
}

function decodePairs(text: string): [slot: number, count: number][] {
  if (!text.startsWith(VERSION)) throw unreadable(text);
  if (text.length === VERSION.length) return [];
  let slot = 0;
  return text
    .slice(VERSION.length)
    .split(',')
    .map((pair) => {
      const [, distance, count = '1'] = /^([\da-z]+)(?:\*([\da-z]+))?$/.exec(pair) ?? [];
      if (distance === undefined) throw unreadable(text);
      slot += parseInt(distance, 36);
      return [slot, parseInt(count, 36)];
    });
}

function unreadable(text: string): Error {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new Error(
    `Counts of latency: expected text such as '1:4w,2*3', but got '${shown}'. It may have been ` +
      `written by a newer version of this package; rebuildSummaries() makes it anew.`,
  );
}
