import type { LoggerService } from '@nestjs/common';
import { settleFormat } from '../../base/format.js';
import type { NamedValues } from '../../base/named-values.js';
import { mayMigrate, type UsageStorageContext } from '../../contract/usage-storage.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import { SIMPLE_COLLATION } from '../connection/operation-options.js';
import { checkCollections, UNAUTHORIZED } from './check-collections.js';
import { readingIndexes, ttlIndexes, type IndexDefinition } from './indexes.js';
import type { TtlOptions } from '../mongo-usage-storage.options.js';

const SAME_NAME_OTHER_INDEX = 86;
const SAME_INDEX_OTHER_OPTIONS = 85;

/**
 * Checks the collections, notes their format and creates their indexes.
 *
 * @param may What may be changed: notes, and indexes.
 * @throws {NewerFormatError} if only newer versions may write there.
 */
export async function prepareFormat(
  collections: MongoCollections,
  values: NamedValues,
  ttl: TtlOptions,
  logger: LoggerService,
  may: Pick<UsageStorageContext, 'prepares' | 'migrates'>,
): Promise<void> {
  await checkCollections(collections);
  await noteFormat(collections, values, may.prepares !== false);
  if (!mayMigrate(may)) return noteCollated(collections);
  await ensureIndexes(collections, ttl, logger);
}

/**
 * Creates the missing indexes. Several processes may do so at once. A missing index only makes
 * queries slower, so a failure is logged and the start continues.
 */
async function ensureIndexes(
  collections: MongoCollections,
  ttl: TtlOptions,
  logger: LoggerService,
): Promise<void> {
  const wanted = [
    ...readingIndexes(collections),
    ...ttlIndexes(collections, ttl),
    ...(await indexesByIdOfCollated(collections)),
  ];
  await Promise.all(wanted.map((index) => ensureIndex(collections, index, logger)));
}

/**
 * A collection with a collation also applies it to its `_id` index. That index then serves no
 * filter that compares byte by byte, so such a collection gets an index that does.
 */
async function indexesByIdOfCollated(collections: MongoCollections): Promise<IndexDefinition[]> {
  const { records, summaries, state } = collections;
  const all = [records, summaries, state];
  await noteCollated(collections);
  return all
    .filter(({ collectionName }) => collections.collated.has(collectionName))
    .map((collection) => ({
      collection,
      name: 'usage_id',
      keys: { _id: 1, date: 1 },
      options: { collation: SIMPLE_COLLATION },
    }));
}

async function noteCollated({
  db,
  collated,
  records,
  summaries,
  state,
}: MongoCollections): Promise<void> {
  const names = [records, summaries, state].map(({ collectionName }) => collectionName);
  try {
    const { cursor } = (await db.command({
      listCollections: 1,
      filter: { name: { $in: names }, 'options.collation': { $exists: true } },
    })) as { cursor: { firstBatch: { name: string }[] } };
    for (const { name } of cursor.firstBatch) collated.add(name);
  } catch (error) {
    // The user may lack the right. Without the index, queries are only slower.
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
      // The option `ttl` has changed.
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

async function noteFormat(
  { records, summaries }: MongoCollections,
  values: NamedValues,
  prepares: boolean,
): Promise<void> {
  const names = `${records.collectionName} and ${summaries.collectionName}`;
  try {
    await settleFormat(values, `MongoDB: what is in the collections ${names}`, prepares);
  } catch (error) {
    // A user who may only write records keeps no sums, and has nowhere to note the format.
    if ((error as { code?: unknown }).code !== UNAUTHORIZED) throw error;
  }
}
