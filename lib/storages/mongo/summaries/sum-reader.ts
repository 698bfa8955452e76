import {
  LAST_INSTANT,
  type BucketRange,
  type SummaryIncrement,
  type SummaryPeriod,
  type UsageSum,
} from '../../../summary/index.js';
import type { SumPageQuery } from '../../base/base-storage.js';
import { siteFilter, type MongoCollections } from '../connection/mongo-collections.js';
import { READ, READ_LATEST } from '../connection/operation-options.js';
import type { MongoDocument } from '../connection/shapes.js';
import { rowOf, usageSumOf } from './sum-mapper.js';

/** Reads pages of sums. */
export class SumReader {
  constructor(private readonly collections: MongoCollections) {}

  async page({
    dimension,
    period,
    range,
    key,
    order,
    limit,
    offset,
  }: SumPageQuery): Promise<UsageSum[]> {
    const { summaries, website } = this.collections;
    const filter: MongoDocument = {
      ...bucketFilter(website, period, range),
      dimension: { $eq: dimension },
      hits: { $gt: 0 },
    };
    if (key !== null) filter['key'] = { $eq: key };
    const documents = await summaries
      .find(filter, { ...READ, allowDiskUse: true, projection: { seen: 0 } })
      .sort({ ...(order === 'hits' && { hits: -1 }), date: -1, key: 1 })
      .skip(offset)
      .limit(limit)
      .toArray();
    return documents.map(usageSumOf);
  }
}

/** Reads all rows of some dimensions in the buckets of one period. */
export async function readRows(
  { summaries, website }: MongoCollections,
  dimensions: readonly string[],
  period: SummaryPeriod,
  range: BucketRange,
): Promise<SummaryIncrement[]> {
  const documents = await summaries
    .find(
      { ...bucketFilter(website, period, range), dimension: { $in: dimensions } },
      { ...READ_LATEST, projection: { seen: 0 } },
    )
    .toArray();
  return documents.map(rowOf);
}

export function bucketFilter(
  website: string | null,
  period: SummaryPeriod,
  { first, last }: BucketRange,
): MongoDocument {
  const filter: MongoDocument = { ...siteFilter(website), period: { $eq: period } };
  if (first !== null || last !== null)
    filter['date'] = {
      // The last bucket ends after the last valid date. No bucket begins there.
      ...(first !== null && { $gte: new Date(Math.min(first, LAST_INSTANT)) }),
      ...(last !== null && { $lte: new Date(last) }),
    };
  return filter;
}
