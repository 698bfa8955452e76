import { inspect } from 'node:util';
import { checkTtl } from './indexes/ttl-indexes.js';
import type { MongoUsageOptions } from './mongo-storage.options.js';

/** @throws {TypeError} for what is no name of a collection. */
export function checkName(storage: string, option: string, value: unknown): void {
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

/** @throws {TypeError} for the options that all storages on MongoDB take. */
export function checkCommonOptions(storage: string, options: MongoUsageOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${storage}: expected an object of options, but got ${inspect(options)}.`);
  checkName(storage, 'summaryCollection', options.summaryCollection);
  if (options.ttl !== undefined) checkTtl(storage, options.ttl);
}
