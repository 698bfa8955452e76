import type { UsageRecord } from '../../../record/index.js';
import type { Summarizer, SummaryIncrement } from '../../../summary/index.js';
import { Recomputation } from '../../base/recompute/recomputation.js';
import type { RecomputedMonth } from '../../base/recompute/summary-maintenance.js';
import { siteFilter, type MongoCollections } from '../connection/mongo-collections.js';
import { READ_LATEST } from '../connection/operation-options.js';
import type { MongoDocument } from '../connection/shapes.js';
import { recordOf } from '../records/record-mapper.js';
import { rowsOfFullBuckets } from './bucket-key-counts.js';
import type { Snapshot } from './snapshot.js';

const RECORDS_AT_ONCE = 1000;

/** The sums of a storage, and how many keys each bucket may have. */
interface MongoSums {
  readonly collections: MongoCollections;
  readonly summarizer: Summarizer;
  readonly maxKeys: number;
}

/**
 * Recomputes a month's rows from the records that a snapshot has counted.
 *
 * @param isRebuild Whether rows that lack measures get them.
 * @param onPage Called after each page of records.
 */
export async function recomputeMonth(
  { collections, summarizer, maxKeys }: MongoSums,
  { month, ranges }: RecomputedMonth,
  snapshot: Snapshot,
  isRebuild: boolean,
  onPage: () => Promise<void> = async () => {},
): Promise<SummaryIncrement[]> {
  const live = [
    ...snapshot.rows,
    ...(await rowsOfFullBuckets(
      collections,
      summarizer.dimensions,
      ranges,
      snapshot.rows,
      maxKeys,
    )),
  ];
  const recomputation = new Recomputation(summarizer, ranges, maxKeys, live);
  const span = { start: new Date(month.start), end: new Date(month.end - 1) };
  await eachPage(collections, span, snapshot, async (page) => {
    recomputation.add(page);
    await onPage();
  });
  return recomputation.rows(isRebuild);
}

/** Reads the records of a range of dates that a snapshot has counted, oldest first. */
export async function eachPage(
  { records, website }: MongoCollections,
  span: { readonly start: Date; readonly end: Date },
  snapshot: Snapshot,
  use: (page: readonly UsageRecord[]) => Promise<void>,
): Promise<void> {
  const date = { $gte: span.start, $lte: span.end };
  const documents = records
    .find({ ...siteFilter(website), date }, { ...READ_LATEST, batchSize: RECORDS_AT_ONCE })
    .sort({ date: 1, _id: 1 });
  let page: MongoDocument[] = [];
  for await (const document of documents) {
    page.push(document);
    if (page.length < RECORDS_AT_ONCE) continue;
    await use((await snapshot.counted(page)).map(recordOf));
    page = [];
  }
  await use((await snapshot.counted(page)).map(recordOf));
}
