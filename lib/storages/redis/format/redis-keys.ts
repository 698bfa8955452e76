import type { SummaryPeriod } from '../../../summary/index.js';
import type { ValueKind } from '../../base/named-values.js';

/** Identifies a bucket of a dimension. */
export interface BucketName {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  /** First instant of the bucket, in milliseconds since the epoch. */
  readonly bucket: number;
}

const VALUE_KEYS: Readonly<Record<ValueKind, string>> = {
  pruned: 'pruned',
  zone: 'zones',
  salt: 'salts',
  format: 'format',
  coverage: 'coverage',
  routes: 'routes',
  process: 'processes',
};

/**
 * The names of keys. All have the same hash tag, so that in a cluster they are on one slot, and one
 * script can store records and add to sums in one step.
 *
 *     {track-usage}:records                    sorted set: ids by date
 *     {track-usage}:texts                      hash: the record's text by id
 *     {track-usage}:by:username "ada"          sorted set: ids of one value of a field by date
 *     {track-usage}:dimensions                 set: the summaries that have ever been kept
 *     {track-usage}:buckets:hour:url           sorted set: buckets by their first instant
 *     {track-usage}:unhandled:hour:url         hash: number of rows of keys of requests without a
 *                                              handler, by their bucket's first instant
 *     {track-usage}:keys:hour:1781524800000:url         sorted set: keys by hits, negated
 *     {track-usage}:sums:hour:1781524800000:url KEY     hash: the sums of one key
 *     {track-usage}:pruned                     hash: pruned watermarks by kind of data
 *     {track-usage}:zones                      hash: the time zone of the sums by dimension
 *     {track-usage}:salts                      hash: the salts of daily visitors by day
 *     {track-usage}:format                     hash: the format of the stored data
 *     {track-usage}:coverage                   hash: the spans for which summaries are complete
 *     {track-usage}:routes                     hash: the declared routes by service
 *     {track-usage}:processes                  hash: the processes that report by their ids
 *     {track-usage}:tracking                   hash: how the tracking of each process stands
 *     {track-usage}:lock                       text: the locked range of dates, and its holder
 */
export class RedisKeys {
  readonly records: string;
  readonly texts: string;
  readonly dimensions: string;
  readonly lock: string;
  private readonly base: string;

  constructor(prefix = 'track-usage') {
    this.base = /\{[^}]+\}/.test(prefix) ? `${prefix}:` : `{${prefix}}:`;
    this.records = `${this.base}records`;
    this.texts = `${this.base}texts`;
    this.dimensions = `${this.base}dimensions`;
    this.lock = `${this.base}lock`;
  }

  values(kind: ValueKind): string {
    return `${this.base}${VALUE_KEYS[kind]}`;
  }

  /** The ids of the records that have a value. `line` is the value's line in a record's text. */
  by(line: string): string {
    return `${this.base}by:${line}`;
  }

  buckets({ dimension, period }: Omit<BucketName, 'bucket'>): string {
    return `${this.base}buckets:${period}:${dimension}`;
  }

  unhandled({ dimension, period }: Omit<BucketName, 'bucket'>): string {
    return `${this.base}unhandled:${period}:${dimension}`;
  }

  // The scripts cut a row's key at the length of its bucket's key, so `keys` and `sums` must be
  // equally long up to there.
  keys(name: BucketName): string {
    return `${this.base}keys:${bucketText(name)}`;
  }

  sums(name: BucketName, key: string): string {
    return `${this.base}sums:${bucketText(name)} ${key}`;
  }
}

function bucketText({ dimension, period, bucket }: BucketName): string {
  return `${period}:${bucket}:${dimension}`;
}
