import type { LoggerService } from '@nestjs/common';
import { OTHER_KEY, type SummaryPeriod } from '../../../summary/index.js';
import { INSERT, READ_LATEST, SIMPLE_COLLATION } from '../connection/operation-options.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import type { MongoDocument } from '../connection/shapes.js';
import { refusalsOf } from '../connection/failures.js';
import { bucketId } from './key-reservations.js';

const BUCKETS_AT_ONCE = 1000;

/**
 * Runs before the state collection gets its first writer. If there are sums already, the state has
 * been lost: logs a warning, and recomputes the number of keys of each bucket, so that `maxKeys`
 * still holds.
 */
export async function restoreState(
  collections: MongoCollections,
  maxKeys: number,
  logger: LoggerService,
): Promise<void> {
  const { records, summaries, state } = collections;
  const [row] = await summaries.find(ROWS, READ_LATEST).limit(1).toArray();
  if (row === undefined) return;
  logger.warn(
    `The collection ${state.collectionName} is empty, though ${summaries.collectionName} has ` +
      `sums: it was lost, or not restored with them. Sums go on from here. Run ` +
      `rebuildSummaries() to make them what the records say, and back up ` +
      `${records.collectionName}, ${summaries.collectionName} and ${state.collectionName} together.`,
  );
  const buckets = summaries.aggregate(
    [
      { $match: ROWS },
      {
        $group: {
          _id: { website: '$website', dimension: '$dimension', period: '$period', date: '$date' },
          keys: { $sum: { $cond: [{ $eq: ['$key', OTHER_KEY] }, 0, 1] } },
          rows: { $sum: 1 },
        },
      },
    ],
    { ...READ_LATEST, allowDiskUse: true },
  );
  let found: MongoDocument[] = [];
  for await (const bucket of buckets) {
    found.push(bucket);
    if (found.length < BUCKETS_AT_ONCE) continue;
    await restore(collections, maxKeys, found);
    found = [];
  }
  await restore(collections, maxKeys, found);
}

// The collection may hold notes beside rows.
const ROWS = { period: { $exists: true } };

async function restore(
  { state }: MongoCollections,
  maxKeys: number,
  buckets: readonly MongoDocument[],
): Promise<void> {
  if (buckets.length === 0) return;
  const updates = buckets.map(({ _id, keys, rows }) => {
    const { website = null, dimension, period, date } = _id as BucketFields;
    const closed = Number(rows) > Number(keys) && Number(keys) >= maxKeys - 1;
    const fields = { dimension, period, date, ...(website !== null && { website }) };
    return {
      updateOne: {
        filter: { _id: bucketId(website, { dimension, period, bucket: date.getTime() }) },
        collation: SIMPLE_COLLATION,
        update: { $setOnInsert: { ...fields, keys: Number(keys), closed, pending: {} } },
        upsert: true,
      },
    };
  });
  try {
    await state.bulkWrite(updates, { ...INSERT, ordered: false });
  } catch (error) {
    // Another process restores the same buckets at the same time.
    const refusals = refusalsOf(error);
    if (!refusals?.every(({ isDuplicate }) => isDuplicate)) throw error;
  }
}

interface BucketFields {
  readonly website?: string | null;
  readonly dimension: string;
  readonly period: SummaryPeriod;
  readonly date: Date;
}
