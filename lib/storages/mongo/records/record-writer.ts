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

/** The outcome of an insert. */
export interface InsertOutcome {
  readonly inserted: readonly UsageRecord[];
  /** Ids of the records that were already stored. */
  readonly repeated: readonly string[];
  readonly refused: readonly WriteRefusal[];
}

/**
 * Inserts records independently: a record that is already stored or rejected does not keep others
 * out. Rejects if it is unknown which records were inserted.
 *
 * @param records With distinct ids.
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
    // An insert that met a time limit or a shutdown of the server is not a rejected record.
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
 * Claims records for a batch: those that are stored under the name of a cancelled batch.
 *
 * @param cancelled The names of all cancelled batches, read after the ids were known.
 * @returns The records that now belong to this batch, and to no other.
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
