import type { UsageRecord } from '../../../record/index.js';
import { INSERT } from '../connection/operation-options.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import { serverErrorOf } from '../connection/server-error.js';
import { isAboutRecords, refusalsOf, type WriteRefusal } from '../connection/write-failure.js';
import { documentOf } from './record-document.js';

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
