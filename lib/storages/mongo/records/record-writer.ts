import type { UsageRecord } from '../../../record/index.js';
import { batchRef, type WriterDocument } from '../batches/journal-entry.js';
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

/** Each id once, the first of its records. */
export function distinct(records: readonly UsageRecord[]): readonly UsageRecord[] {
  const byId = new Map<string, UsageRecord>();
  for (const record of records) if (!byId.has(record.id)) byId.set(record.id, record);
  return byId.size === records.length ? records : [...byId.values()];
}

/**
 * Takes those of some records for a batch that are stored under the name of a cancelled one.
 *
 * @param writers All of them, read after the ids were known.
 * @param over More batches that were given up, which the state collection may have lost.
 * @returns The records that are now the batch's. Nobody else has them.
 */
export async function claimRecords(
  { records, website }: MongoCollections,
  { writer, seq }: WriterDocument,
  writers: readonly WriterDocument[],
  ids: readonly string[],
  over: readonly string[] = [],
): Promise<UsageRecord[]> {
  const cancelled = [
    ...over,
    ...writers.flatMap((each) => each.cancelled.map(({ seq }) => batchRef(each.writer, seq))),
  ];
  if (cancelled.length === 0 || ids.length === 0) return [];
  const mine = batchRef(writer, seq);
  const among = { ...siteFilter(website), _id: { $in: ids } };
  const { matchedCount } = await records.updateMany(
    { ...among, batch: { $in: cancelled } },
    { $set: { batch: mine } },
    WRITE,
  );
  if (matchedCount === 0) return [];
  const found = await records.find({ ...among, batch: { $eq: mine } }, READ_LATEST).toArray();
  return found.map(recordOf);
}
