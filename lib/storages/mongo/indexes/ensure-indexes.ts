import type { LoggerService } from '@nestjs/common';
import { SIMPLE_COLLATION } from '../connection/operation-options.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import type { MongoCollection } from '../connection/shapes.js';
import { ttlIndexes, type TtlOptions } from './ttl-indexes.js';

/** An index that is wanted. */
export interface IndexDefinition {
  readonly collection: MongoCollection;
  readonly name: string;
  readonly keys: Readonly<Record<string, 1 | -1>>;
  readonly options?: Readonly<Record<string, unknown>>;
}

const SAME_NAME_OTHER_INDEX = 86;
const SAME_INDEX_OTHER_OPTIONS = 85;

/**
 * Makes the indexes that are not there. Several processes may do so at once. Without an index
 * nothing is wrong but the speed, so what cannot be made is reported, and the start goes on.
 */
export async function ensureIndexes(
  place: MongoCollections,
  ttl: TtlOptions,
  logger: LoggerService,
): Promise<void> {
  const wanted = [
    ...readingIndexes(place),
    ...ttlIndexes(place, ttl),
    ...(await indexesByIdOfCollated(place)),
  ];
  await Promise.all(wanted.map((index) => ensureIndex(place, index, logger)));
}

function readingIndexes({
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

/**
 * Where a collection has a collation, so has its index on `_id`, which then serves no filter that
 * compares byte by byte. Those get one that does.
 */
async function indexesByIdOfCollated(place: MongoCollections): Promise<IndexDefinition[]> {
  const collections = [place.records, place.summaries, place.state];
  await noteCollated(
    place,
    collections.map(({ collectionName }) => collectionName),
  );
  return collections
    .filter(({ collectionName }) => place.collated.has(collectionName))
    .map((collection) => ({
      collection,
      name: 'usage_id',
      keys: { _id: 1, date: 1 },
      options: { collation: SIMPLE_COLLATION },
    }));
}

async function noteCollated(
  { db, collated }: MongoCollections,
  names: readonly string[],
): Promise<void> {
  try {
    const { cursor } = (await db.command({
      listCollections: 1,
      filter: { name: { $in: names }, 'options.collation': { $exists: true } },
    })) as { cursor: { firstBatch: { name: string }[] } };
    for (const { name } of cursor.firstBatch) collated.add(name);
  } catch (error) {
    // The user may not ask; without the index all is right, only slower.
    if (typeof (error as { code?: unknown }).code !== 'number') throw error;
  }
}

async function ensureIndex(
  { db }: MongoCollections,
  { collection, name, keys, options = {} }: IndexDefinition,
  logger: LoggerService,
): Promise<void> {
  try {
    await collection.createIndex(keys, { name, ...options });
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    const after = options['expireAfterSeconds'];
    if (code === SAME_INDEX_OTHER_OPTIONS && after !== undefined) {
      // The length of time has been changed.
      const changed = await db
        .command({
          collMod: collection.collectionName,
          index: { name, expireAfterSeconds: after },
        })
        .then(
          () => true,
          () => false,
        );
      if (changed) return;
    }
    if (typeof code !== 'number') throw error;
    const clash =
      code === SAME_NAME_OTHER_INDEX || code === SAME_INDEX_OTHER_OPTIONS
        ? `there is a different index of that name or on these fields (${message}). Drop it, and the right one is made at the next start`
        : message;
    logger.warn(
      `The index ${name} of the collection ${collection.collectionName}, on ` +
        `${JSON.stringify(keys)}, could not be made: ${clash}.`,
    );
  }
}
