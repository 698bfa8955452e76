import type { UsageRecord } from '../../record/index.js';
import type { SummaryPeriod } from '../../summary/index.js';
import type { BatchWriter } from './batches/batch-writer.js';
import { siteFilter, type MongoCollections } from './connection/mongo-collections.js';
import { READ_LATEST, WRITE } from './connection/operation-options.js';
import type { MongoCollection, MongoDocument } from './connection/shapes.js';

const MAX_DELETED_AT_ONCE = 1000;

/** Deletes old data, oldest first, in small steps that block no other work for long. */
export class MongoPruner {
  constructor(
    private readonly collections: MongoCollections,
    private readonly batches: BatchWriter,
  ) {}

  pruneRecords(before: number): Promise<number> {
    const { records, website } = this.collections;
    return deleteOldest(records, { ...siteFilter(website), date: { $lt: new Date(before) } });
  }

  async deleteRecords(deleted: readonly UsageRecord[]): Promise<number> {
    const { records, website } = this.collections;
    const ids = deleted.map(({ id }) => id);
    const filter = { ...siteFilter(website), _id: { $in: ids } };
    return (await records.deleteMany(filter, WRITE)).deletedCount;
  }

  async pruneSums(period: SummaryPeriod, before: number): Promise<number> {
    const { summaries, state, website } = this.collections;
    const site = siteFilter(website);
    const ended = { ...site, period: { $eq: period }, date: { $lt: new Date(before) } };
    let count = 0;
    // By dimension, as in the index.
    for (const dimension of await summaries.distinct('dimension', site, READ_LATEST))
      count += await deleteOldest(summaries, { ...ended, dimension: { $eq: dimension } });
    await state.deleteMany(ended, WRITE);
    this.batches.cap.forget();
    return count;
  }
}

async function deleteOldest(collection: MongoCollection, filter: MongoDocument): Promise<number> {
  for (let count = 0; ;) {
    const oldest = await collection
      .find(filter, { ...READ_LATEST, projection: { _id: 1 } })
      .sort({ date: 1 })
      .limit(MAX_DELETED_AT_ONCE)
      .toArray();
    if (oldest.length === 0) return count;
    const ids = oldest.map(({ _id }) => _id);
    count += (await collection.deleteMany({ _id: { $in: ids } }, WRITE)).deletedCount;
  }
}
