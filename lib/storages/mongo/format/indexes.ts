import type { MongoCollections } from '../connection/mongo-collections.js';
import { SIMPLE_COLLATION } from '../connection/operation-options.js';
import type { MongoCollection } from '../connection/shapes.js';
import { TTL_FIELDS, ttlSeconds, type TtlOptions } from '../mongo-usage-storage.options.js';

/** A wanted index. */
export interface IndexDefinition {
  readonly collection: MongoCollection;
  readonly name: string;
  readonly keys: Readonly<Record<string, 1 | -1>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The indexes for queries, sums and the pruner. */
export function readingIndexes({
  records,
  summaries,
  state,
  website,
}: MongoCollections): IndexDefinition[] {
  const site: Record<string, 1> = website === null ? {} : { website: 1 };
  const prefix = website === null ? 'usage' : 'usage_website';
  const options = { collation: SIMPLE_COLLATION };
  return [
    { collection: records, name: `${prefix}_date`, keys: { ...site, date: -1, _id: -1 }, options },
    {
      collection: summaries,
      name: `${prefix}_sums`,
      keys: { ...site, dimension: 1, period: 1, date: -1, key: 1 },
      options,
    },
    { collection: state, name: 'usage_buckets', keys: { period: 1, date: 1 }, options },
  ];
}

/** The TTL indexes, by which the server deletes data older than `ttl`. */
export function ttlIndexes(collections: MongoCollections, ttl: TtlOptions): IndexDefinition[] {
  const { records, summaries, state, website } = collections;
  return TTL_FIELDS.flatMap((field): IndexDefinition[] => {
    const seconds = ttlSeconds(ttl[field]);
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
        // It also applies to the partial filter: one website must not match another with a similar
        // name.
        collation: SIMPLE_COLLATION,
        ...(isPartial && { partialFilterExpression: partial }),
      },
    }));
  });
}
