import * as msPackage from 'ms';
import type { StringValue } from 'ms';
import { defaultExport } from '../../support/optional-packages.js';
import type { StorageOptions } from '../contract/usage-storage.js';
import { optionErrorOf } from '../../support/track-usage-options.error.js';

const ms = defaultExport(msPackage);

export const DEFAULT_COLLECTION = 'usage_records';
export const DEFAULT_SUMMARY_COLLECTION = 'usage_summaries';

/** The options of all storages on MongoDB. */
export interface MongoUsageOptions extends StorageOptions {
  /**
   * Name of the collection of summaries. The state collection has the same name with `_state`.
   * @default 'usage_summaries'
   */
  summaryCollection?: string;
  /**
   * How long the server keeps data before TTL indexes delete it. Periods need MongoDB 5.0. The
   * module's option `retention` deletes from the application instead.
   * @default none
   */
  ttl?: TtlOptions;
}

/**
 * How long MongoDB itself keeps records and the rows of each period before TTL indexes delete them:
 * a length such as `'90d'`, or milliseconds. Kinds without a length are kept forever.
 *
 * @publicApi
 */
export interface TtlOptions {
  /**
   * How long records are kept: a length such as `90d`, or milliseconds.
   * @default forever
   */
  records?: string | number;
  /**
   * How long the sums of hours are kept: a length or milliseconds.
   * @default forever
   */
  hour?: string | number;
  /**
   * How long the sums of days are kept: a length or milliseconds.
   * @default forever
   */
  day?: string | number;
  /**
   * How long the sums of months are kept: a length or milliseconds.
   * @default forever
   */
  month?: string | number;
}

export const TTL_FIELDS = ['records', 'hour', 'day', 'month'] as const;
const MAX_TTL_SECONDS = 2 ** 31 - 1;

/** @throws {TrackUsageOptionsError} if an option of all storages on MongoDB is invalid. */
export function checkUsageOptions(storage: string, options: MongoUsageOptions): void {
  if (typeof options !== 'object' || options === null)
    throw optionErrorOf(storage)('', 'an object of options', options);
  checkCollectionName(storage, 'summaryCollection', options.summaryCollection);
  if (options.ttl !== undefined) checkTtl(storage, options.ttl);
}

/** @throws {TrackUsageOptionsError} if the value is not a valid name of a collection. */
export function checkCollectionName(storage: string, option: string, value: unknown): void {
  if (value === undefined) return;
  if (
    typeof value === 'string' &&
    value !== '' &&
    !value.includes('$') &&
    !value.includes('\0') &&
    !value.startsWith('system.')
  )
    return;
  throw optionErrorOf(storage)(option, 'the name of a collection', value);
}

/**
 * Converts a length, or milliseconds, to whole seconds. Returns null if the value is not valid or
 * is less than a second.
 */
export function ttlSeconds(length: unknown): number | null {
  const milliseconds =
    typeof length === 'string' && /[a-z]/i.test(length) ? ms(length as StringValue) : length;
  if (typeof milliseconds !== 'number' || !(milliseconds >= 1000)) return null;
  return Math.min(Math.floor(milliseconds / 1000), MAX_TTL_SECONDS);
}

function checkTtl(storage: string, ttl: unknown): void {
  const optionError = optionErrorOf(storage);
  if (typeof ttl !== 'object' || ttl === null || Array.isArray(ttl))
    throw optionError('ttl', "an object such as { records: '90d' }", ttl);
  for (const [field, value] of Object.entries(ttl)) {
    if (!TTL_FIELDS.includes(field as 'records'))
      throw optionError(`ttl.${field}`, `one of the fields ${TTL_FIELDS.join(', ')}`, value);
    if (value !== undefined && ttlSeconds(value) === null)
      throw optionError(
        `ttl.${field}`,
        "a length such as '90d' or milliseconds, from a second up",
        value,
      );
  }
}
