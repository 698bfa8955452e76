import type { UsageRecord } from '../../../record/index.js';
import { READ_LATEST, WRITE } from '../connection/operation-options.js';
import { siteFilter, type MongoCollections } from '../connection/mongo-collections.js';
import { recordOf } from '../records/record-document.js';
import { batchRef, type WriterDocument } from './writer-document.js';

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
