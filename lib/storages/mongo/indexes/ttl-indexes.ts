import { inspect } from 'node:util';
import * as msPackage from 'ms';
import type { StringValue } from 'ms';
import { SIMPLE_COLLATION } from '../connection/operation-options.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import type { IndexDefinition } from './ensure-indexes.js';
import { defaultExport } from '../../../support/default-export.js';

const ms = defaultExport(msPackage);

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

const FIELDS = ['records', 'hour', 'day', 'month'] as const;
const LONGEST_SECONDS = 2 ** 31 - 1;

/** @throws {TypeError} for a field that is not known or a length that is none. */
export function checkTtl(storage: string, ttl: unknown): void {
  if (typeof ttl !== 'object' || ttl === null || Array.isArray(ttl))
    throw new TypeError(
      `${storage}: ttl: expected an object such as { records: '90d' }, but got ${inspect(ttl)}.`,
    );
  for (const [field, value] of Object.entries(ttl)) {
    if (!FIELDS.includes(field as 'records'))
      throw new TypeError(
        `${storage}: ttl.${field}: expected one of the fields ${FIELDS.join(', ')}, but got ${inspect(value)}.`,
      );
    if (value !== undefined && secondsOf(value) === null)
      throw new TypeError(
        `${storage}: ttl.${field}: expected a length such as '90d' or milliseconds, from a second up, but got ${inspect(value)}.`,
      );
  }
}

export function ttlIndexes(place: MongoCollections, ttl: TtlOptions): IndexDefinition[] {
  const { records, summaries, state, website } = place;
  return FIELDS.flatMap((field): IndexDefinition[] => {
    const seconds = secondsOf(ttl[field]);
    if (seconds === null) return [];
    const partial = {
      ...(website !== null && { website }),
      ...(field !== 'records' && { period: field }),
    };
    const isPartial = Object.keys(partial).length > 0;
    const collections = field === 'records' ? [records] : [summaries, state];
    return collections.map((collection) => ({
      collection,
      name: ['usage_ttl', field, ...(website === null ? [] : [website])].join('_').slice(0, 100),
      keys: { date: 1 },
      options: {
        expireAfterSeconds: seconds,
        // Of the partial filter too: a website is not another of nearly the same name.
        collation: SIMPLE_COLLATION,
        ...(isPartial && { partialFilterExpression: partial }),
      },
    }));
  });
}

/** Seconds of a length or of milliseconds; null if it is none. */
export function secondsOf(length: unknown): number | null {
  const milliseconds =
    typeof length === 'string' && /[a-z]/i.test(length) ? ms(length as StringValue) : length;
  if (typeof milliseconds !== 'number' || !(milliseconds >= 1000)) return null;
  return Math.min(Math.floor(milliseconds / 1000), LONGEST_SECONDS);
}
