import { SUMMARY_PERIODS, type BucketCalendar, type SummaryPeriod } from '../../summary/index.js';
import type { ParsedPruneBounds } from '../base/parse-prune-bounds.js';
import type { PruneCounts } from '../contract/prune.js';
import { siteFilter, type MongoCollections } from './connection/mongo-collections.js';
import { READ_LATEST, WRITE } from './connection/operation-options.js';
import type { MongoCollection, MongoDocument } from './connection/shapes.js';
import { notePruned } from './named-values.js';

const AT_ONCE = 1000;

/** Deletes what has had its time, the oldest first, in steps that hold nobody up for long. */
export async function prune(
  place: MongoCollections,
  calendar: BucketCalendar,
  bounds: ParsedPruneBounds,
): Promise<PruneCounts> {
  const { records, website } = place;
  const counts: PruneCounts = { records: 0, hour: 0, day: 0, month: 0 };
  if (bounds.records !== null) {
    await notePruned(place, 'records', bounds.records);
    counts.records = await deleteOldest(records, {
      ...siteFilter(website),
      date: { $lt: new Date(bounds.records) },
    });
  }
  for (const period of SUMMARY_PERIODS) {
    const before = bounds[period];
    if (before === null) continue;
    await notePruned(place, period, before);
    counts[period] = await prunePeriod(place, period, calendar.start(period, before));
  }
  return counts;
}

async function prunePeriod(
  { summaries, state, website }: MongoCollections,
  period: SummaryPeriod,
  before: number,
): Promise<number> {
  const ended = {
    ...siteFilter(website),
    period: { $eq: period },
    date: { $lt: new Date(before) },
  };
  let count = 0;
  // By dimension, as the rows are indexed.
  for (const dimension of await summaries.distinct('dimension', siteFilter(website), READ_LATEST))
    count += await deleteOldest(summaries, { ...ended, dimension: { $eq: dimension } });
  await state.deleteMany(ended, WRITE);
  return count;
}

async function deleteOldest(collection: MongoCollection, filter: MongoDocument): Promise<number> {
  for (let count = 0; ;) {
    const oldest = await collection
      .find(filter, { ...READ_LATEST, projection: { _id: 1 } })
      .sort({ date: 1 })
      .limit(AT_ONCE)
      .toArray();
    if (oldest.length === 0) return count;
    const ids = oldest.map(({ _id }) => _id);
    count += (await collection.deleteMany({ _id: { $in: ids } }, WRITE)).deletedCount;
  }
}
