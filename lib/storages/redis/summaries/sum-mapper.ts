import {
  eachSlotOnce,
  MEASURES,
  measureValues,
  readCounts,
  readUsageSum,
  rowWith,
  unmeasured,
  type LatencyCounts,
  type OnSlot,
  type SummaryCounts,
  type SummaryIncrement,
  type UsageSum,
} from '../../../summary/index.js';
import type { ScannedSum } from '../../base/base-storage.js';
import type { RedisReply } from '../connection/redis-connection.js';
import type { BucketName } from '../format/redis-keys.js';

const FIRST_DIGIT = 0x30;
/** The number of digits that a number always represents exactly. */
const EXACT_DIGITS = 15;

const DAY_MS = 86_400_000;
/** No bucket is longer. The first and the last month include the time beside them. */
export const LONGEST_BUCKET_MS = 100 * DAY_MS;

/** What is added to a row, as the script that stores takes it. */
export function packedIncrement(counts: SummaryCounts): string {
  let text = '';
  for (const value of measureValues(counts)) text += `${whole(value)} `;
  return text + latencyText(counts.latency);
}

/** A row's fields and values as text, `hits` first. */
export function packedRow(counts: SummaryCounts): string {
  let text = '';
  for (const [place, value] of measureValues(counts).entries())
    if (Number.isFinite(value)) text += `${MEASURES[place]!.name} ${whole(value)} `;
  return `${text}latency ${latencyText(counts.latency)}`;
}

/** Decodes a row from text of fields and values. Returns null if there is no row. */
export function rowOf(name: BucketName, key: string, reply: RedisReply): SummaryIncrement | null {
  const latency = new Map<number, number>();
  const values = readRow(reply, (slot, count) => latency.set(slot, count));
  const { dimension, period, bucket } = name;
  return values && rowWith(dimension, period, bucket, key, countsOf(values, bucket, latency));
}

/** Decodes what `getSum` reports of a row. Returns null if there is no row. */
export function usageSumOf(
  { bucket }: BucketName,
  key: string,
  reply: RedisReply,
): UsageSum | null {
  return readUsageSum((onSlot) => {
    const values = readRow(reply, onSlot);
    return values && { bucket, key, counts: countsOf(values, bucket) };
  });
}

/** Decodes a row of a scan. Returns null if there is no row. */
export function scannedSumOf(
  { bucket }: BucketName,
  key: string,
  reply: RedisReply,
): ScannedSum | null {
  const values = readRow(reply);
  return (
    values && {
      bucket,
      key,
      counts: countsOf(values, bucket),
      eachSlot: (onSlot) => void readRow(reply, onSlot),
    }
  );
}

/** Decodes what a key's rows add up to. Returns null if there are no requests. */
export function mergedSumOf(key: string, reply: RedisReply): ScannedSum | null {
  const values = readRow(reply);
  if (values === null) return null;
  const counts = readCounts(values);
  return {
    bucket: counts.firstSeen,
    key,
    counts,
    eachSlot: (onSlot) => eachSlotOnce((add) => void readRow(reply, add), onSlot),
  };
}

/**
 * Returns the counts of the measures' values. Version 0.1.0 folds a row into another by adding up
 * all of its fields, instants too. The instants then lie outside of the bucket, and the measures
 * are unknown.
 */
function countsOf(
  values: readonly (number | undefined)[],
  bucket: number,
  latency?: Map<number, number>,
): SummaryCounts {
  const counts = readCounts(values, latency);
  const { firstSeen, lastSeen } = counts;
  const isSound = firstSeen >= bucket && lastSeen < bucket + LONGEST_BUCKET_MS;
  return isSound ? counts : unmeasured(counts);
}

const PLACES: ReadonlyMap<string, number> = new Map(
  MEASURES.map(({ name }, place) => [name, place]),
);

/** Reads the values of the measures, in order. A missing value is undefined. */
function readRow(reply: RedisReply, onSlot?: OnSlot): (number | undefined)[] | null {
  const text = String(reply);
  if (text === '') return null;
  const values: (number | undefined)[] = MEASURES.map(() => undefined);
  for (let at = 0; at < text.length;) {
    const gap = text.indexOf(' ', at);
    const next = text.indexOf(' ', gap + 1);
    const end = next < 0 ? text.length : next;
    const field = text.slice(at, gap);
    const place = PLACES.get(field);
    if (field === 'latency') {
      if (onSlot) readSlots(text, gap + 1, end, onSlot);
    }
    if (place !== undefined) values[place] = numberAt(text, gap + 1, end);
    at = end + 1;
  }
  return values;
}

// A row may have hundreds of slots, so their digits are parsed in place.
function readSlots(text: string, from: number, until: number, onSlot: OnSlot): void {
  for (let at = from + 1; at < until;) {
    const colon = text.indexOf(':', at);
    const end = text.indexOf(',', colon);
    onSlot(numberAt(text, at, colon), numberAt(text, colon + 1, end));
    at = end + 1;
  }
}

/** Slots and counts as the scripts merge them: `,178:3,201:1,`. */
function latencyText(latency: LatencyCounts): string {
  let text = ',';
  for (const [slot, count] of latency) text += `${slot}:${whole(count)},`;
  return text;
}

/** Parses a part of a text as a whole number. */
function numberAt(text: string, from: number, until: number): number {
  if (until - from > EXACT_DIGITS || text[from] === '-') return Number(text.slice(from, until));
  let number = 0;
  for (let at = from; at < until; at++) number = number * 10 + text.charCodeAt(at) - FIRST_DIGIT;
  return number;
}

// A value that is not a whole number of 64 bits would stop a script midway.
function whole(value: number): string {
  return String(Math.min(value, Number.MAX_SAFE_INTEGER));
}
