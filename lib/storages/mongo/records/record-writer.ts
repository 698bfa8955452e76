import type { UsageRecord } from '../../../record/index.js';
import {
  serverErrorOf,
  isAboutRecords,
  refusalsOf,
  type WriteRefusal,
} from '../connection/failures.js';
import { type MongoCollections, siteFilter } from '../connection/mongo-collections.js';
import { INSERT, READ_LATEST, WRITE } from '../connection/operation-options.js';
import { documentOf, recordOf } from './record-mapper.js';

/** What became of the records of one insert. */
export interface InsertOutcome {
  readonly inserted: readonly UsageRecord[];
  /** Ids that were there before. */
  readonly repeated: readonly string[];
  readonly refused: readonly WriteRefusal[];
}

/**
 * Inserts records, each for itself: one that is there, or refused, keeps no other out. Rejects
 * when it is not known which ones were inserted.
 *
 * @param records Each id once.
 */
export async function insertRecords(
  { records: collection, website, finish }: MongoCollections,
  records: readonly UsageRecord[],
  batch: string | null,
): Promise<InsertOutcome> {
  if (records.length === 0) return { inserted: [], repeated: [], refused: [] };
  const made = records.map((record) => documentOf(record, batch, website));
  const documents = finish ? await Promise.all(made.map(finish)) : made;
  try {
    await collection.insertMany(documents, { ...INSERT, ordered: false });
    return { inserted: records, repeated: [], refused: [] };
  } catch (error) {
    const refusals = refusalsOf(error);
    if (!refusals) throw error;
    // One that the server was too late for, or shut down before, is not refused.
    const broken = refusals.find(({ code }) => !isAboutRecords(code));
    if (broken) throw serverErrorOf({ code: broken.code, errmsg: broken.message });
    const not = new Set(refusals.map(({ index }) => index));
    return {
      inserted: records.filter((_, index) => !not.has(index)),
      repeated: refusals.flatMap(({ index, isDuplicate }) =>
        isDuplicate ? [records[index]!.id] : [],
      ),
      refused: refusals.filter(({ isDuplicate }) => !isDuplicate),
    };
  }
}

/**
 * Takes those of some records for a batch that are stored under the name of a cancelled one.
 *
 * @param cancelled The names of all cancelled batches, read after the ids were known.
 * @returns The records that are now the batch's, and no other's.
 */
export async function claimRecords(
  { records, website }: MongoCollections,
  batch: string,
  cancelled: readonly string[],
  ids: readonly string[],
): Promise<UsageRecord[]> {
  if (cancelled.length === 0 || ids.length === 0) return [];
  const among = { ...siteFilter(website), _id: { $in: ids } };
  const { matchedCount } = await records.updateMany(
    { ...among, batch: { $in: cancelled } },
    { $set: { batch } },
    WRITE,
  );
  if (matchedCount === 0) return [];
  const found = await records.find({ ...among, batch: { $eq: batch } }, READ_LATEST).toArray();
  return found.map(recordOf);
}
