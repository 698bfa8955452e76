import { createHash } from 'node:crypto';
import type { SummaryPeriod, SummaryRow } from '../../../summary/index.js';

/** The primary key of the summaries' table. */
export const SUM_KEY = ['dimension', 'period', 'date', 'key'] as const;

/** The primary key of one row of the summaries' table. */
export interface SumKey {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  readonly date: number;
  readonly key: string;
}

/** The primary key of one bucket of a dimension. */
export type BucketKey = Omit<SumKey, 'key'>;

/** The primary key of the buckets' table. */
export const BUCKET_KEY = ['dimension', 'period', 'date'] as const satisfies (keyof BucketKey)[];

const BEGINNING = 64;
const DIGEST_LENGTH = 43;
const LENGTH = BEGINNING + 1 + DIGEST_LENGTH;

/**
 * The key in a form that every database can index: itself, or if it has 108 characters or more, its
 * first 64 characters, `#` and a digest. Only digested keys are 108 characters long, so no key can
 * be mistaken for another.
 */
export function indexedKey(key: string): string {
  if (key.length < LENGTH) return key;
  const digest = createHash('sha256').update(key).digest('base64url');
  // The cut may split a surrogate pair.
  const beginning = key.slice(0, BEGINNING).replace(/[\ud800-\udbff]$/, '\ufffd');
  return `${beginning}#${digest}`;
}

/** The full key if `indexedKey()` replaces it by a digest, else null. */
export function longKey(key: string): string | null {
  return key.length < LENGTH ? null : key;
}

export function sumKeyOf({ dimension, period, bucket, key }: SummaryRow): SumKey {
  return { dimension, period, date: bucket, key: indexedKey(key) };
}

/** A text that identifies a bucket of a dimension, for use as a key in maps. */
export function bucketId({ dimension, period, date }: BucketKey): string {
  return `${dimension} ${period} ${date}`;
}

/** Splits keys in lock order into runs, one for each bucket. */
export function keysByBucket<K extends BucketKey>(keys: readonly K[]): K[][] {
  const runs: K[][] = [];
  let last = '';
  for (const key of keys) {
    const id = bucketId(key);
    if (id !== last) runs.push([]);
    last = id;
    runs.at(-1)!.push(key);
  }
  return runs;
}
