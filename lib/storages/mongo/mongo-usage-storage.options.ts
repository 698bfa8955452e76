import * as msPackage from 'ms';
import type { StringValue } from 'ms';
import { inspect } from 'node:util';
import { defaultExport } from '../../support/default-export.js';
import type { StorageOptions } from '../contract/storage-options.js';

const ms = defaultExport(msPackage);

export const DEFAULT_COLLECTION = 'usage_records';
export const DEFAULT_SUMMARY_COLLECTION = 'usage_summaries';

/** What the storages on MongoDB take, however they come to their connection. */
export interface MongoUsageOptions extends StorageOptions {
  /**
   * Name of the collection of summaries. What is under way is in one of that name with `_state`.
   * @default 'usage_summaries'
   */
  summaryCollection?: string;
  /**
   * Has the server delete what is older, by TTL indexes (MongoDB 5.0 for periods). The module's
   * option `retention` does the same from the application.
   * @default none
   */
  ttl?: TtlOptions;
}

/**
 * How long MongoDB itself keeps records and the rows of each period, by TTL indexes: a length such
 * as `'90d'`, or milliseconds. What is left out is kept for ever.
 *
 * @publicApi
 */
export interface TtlOptions {
  /** @default for ever */
  records?: string | number;
  /** @default for ever */
  hour?: string | number;
  /** @default for ever */
  day?: string | number;
  /** @default for ever */
  month?: string | number;
}

export const TTL_FIELDS = ['records', 'hour', 'day', 'month'] as const;
const MAX_TTL_SECONDS = 2 ** 31 - 1;

/** @throws {TypeError} for invalid values of the options that all storages on MongoDB take. */
export function checkUsageOptions(storage: string, options: MongoUsageOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${storage}: expected an object of options, but got ${inspect(options)}.`);
  checkCollectionName(storage, 'summaryCollection', options.summaryCollection);
  if (options.ttl !== undefined) checkTtl(storage, options.ttl);
}

/** @throws {TypeError} for what is no name of a collection. */
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
  throw new TypeError(
    `${storage}: ${option}: expected the name of a collection, but got ${inspect(value)}.`,
  );
}

/** Seconds of a length or of milliseconds; null if it is none. */
export function ttlSeconds(length: unknown): number | null {
  const milliseconds =
    typeof length === 'string' && /[a-z]/i.test(length) ? ms(length as StringValue) : length;
  if (typeof milliseconds !== 'number' || !(milliseconds >= 1000)) return null;
  return Math.min(Math.floor(milliseconds / 1000), MAX_TTL_SECONDS);
}

function checkTtl(storage: string, ttl: unknown): void {
  if (typeof ttl !== 'object' || ttl === null || Array.isArray(ttl))
    throw new TypeError(
      `${storage}: ttl: expected an object such as { records: '90d' }, but got ${inspect(ttl)}.`,
    );
  for (const [field, value] of Object.entries(ttl)) {
    if (!TTL_FIELDS.includes(field as 'records'))
      throw new TypeError(
        `${storage}: ttl.${field}: expected one of the fields ${TTL_FIELDS.join(', ')}, but got ${inspect(value)}.`,
      );
    if (value !== undefined && ttlSeconds(value) === null)
      throw new TypeError(
        `${storage}: ttl.${field}: expected a length such as '90d' or milliseconds, from a second up, but got ${inspect(value)}.`,
      );
  }
}
