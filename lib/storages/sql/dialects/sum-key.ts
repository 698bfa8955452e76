import { createHash } from 'node:crypto';
import type { SummaryPeriod, SummaryRow } from '../../../summary/index.js';

/** The primary key of the summaries' table. */
export const SUM_KEY = ['dimension', 'period', 'date', 'key'] as const;

/** What one row of the summaries' table is known by. */
export interface SumKey {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  readonly date: number;
  readonly key: string;
}

/** What one bucket of a dimension is known by. */
export type BucketKey = Omit<SumKey, 'key'>;

/** The primary key of the buckets' table. */
export const BUCKET_KEY = ['dimension', 'period', 'date'] as const satisfies (keyof BucketKey)[];

const BEGINNING = 64;
const DIGEST_LENGTH = 43;
const LENGTH = BEGINNING + 1 + DIGEST_LENGTH;

/**
 * The key as every database can index it: itself, or where it is long its beginning and a digest.
 * Those have a length that no other has, so that no key can pass for another.
 */
export function indexedKey(key: string): string {
  if (key.length < LENGTH) return key;
  const digest = createHash('sha256').update(key).digest('base64url');
  // The cut may fall into a pair of surrogates.
  const beginning = key.slice(0, BEGINNING).replace(/[\ud800-\udbff]$/, '\ufffd');
  return `${beginning}#${digest}`;
}

/** The key as a whole, where the one that is indexed is not. */
export function longKey(key: string): string | null {
  return key.length < LENGTH ? null : key;
}

export function sumKeyOf({ dimension, period, bucket, key }: SummaryRow): SumKey {
  return { dimension, period, date: bucket, key: indexedKey(key) };
}

/** One text for each bucket of a dimension. */
export function bucketId({ dimension, period, date }: BucketKey): string {
  return `${dimension} ${period} ${date}`;
}

/** Splits keys in lock order into runs of one bucket each. */
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
