import { setImmediate as turn } from 'node:timers/promises';
import {
  LAST_INSTANT,
  SUMMARY_PERIODS,
  type BucketRange,
  type SummaryIncrement,
  type SummaryPeriod,
  type UsageSum,
} from '../../../summary/index.js';
import type {
  BucketTotal,
  ScannedSum,
  ScannedSums,
  SumPageQuery,
  SumRangeQuery,
  SumScanQuery,
  UnmeasuredBucket,
  SumsRangeQuery,
} from '../../base/base-storage.js';
import { unwantedMeasures } from '../../base/unwanted-measures.js';
import { siteFilter, type MongoCollections } from '../connection/mongo-collections.js';
import { endOf, optionsOf, READ_LATEST } from '../connection/operation-options.js';
import type { MongoDocument } from '../connection/shapes.js';
import { mergedSumOf, mergedSums, RAW_LATENCIES, UNMEASURED } from './merged-sums.js';
import { rowOf, scannedSumOf, usageSumOf } from './sum-mapper.js';

const ROWS_IN_PART = 500;

/** Reads pages of sums. */
export class SumReader {
  readonly readsLatencyLate = 'always';

  constructor(private readonly collections: MongoCollections) {}

  async page({
    dimension,
    period,
    range,
    key,
    order,
    limit,
    offset,
    ...limits
  }: SumPageQuery): Promise<UsageSum[]> {
    const { summaries, website } = this.collections;
    const filter = rowFilter(website, { dimension, period, range });
    if (key !== null) filter['key'] = { $eq: key };
    const documents = await summaries
      .find(filter, { ...optionsOf(limits), allowDiskUse: true, projection: { seen: 0 } })
      .sort({ ...(order === 'hits' && { hits: -1 }), date: -1, key: 1 })
      .skip(offset)
      .limit(limit)
      .toArray();
    return documents.map(usageSumOf);
  }

  async totals(query: SumRangeQuery): Promise<BucketTotal[]> {
    const { summaries, website } = this.collections;
    const groups = await summaries
      .aggregate(
        [
          { $match: rowFilter(website, query) },
          {
            $group: {
              _id: '$date',
              hits: { $sum: '$hits' },
              measured: { $sum: '$measured' },
            },
          },
        ],
        { ...READ_LATEST, ...endOf(query), allowDiskUse: true },
      )
      .toArray();
    return groups.map(({ _id, hits, measured }) => ({
      bucket: (_id as Date).getTime(),
      hits: Number(hits),
      measured: Number(measured),
    }));
  }

  async oldestBucket({
    dimension,
    ...limits
  }: Pick<SumRangeQuery, 'dimension' | 'signal'>): Promise<number | null> {
    const { summaries, website } = this.collections;
    const dates = await Promise.all(
      SUMMARY_PERIODS.map(async (period) => {
        const range = { first: null, last: null };
        const [oldest] = await summaries
          .find(rowFilter(website, { dimension, period, range }), {
            ...optionsOf(limits),
            projection: { date: 1 },
          })
          .sort({ date: 1 })
          .limit(1)
          .toArray();
        return oldest === undefined ? Infinity : (oldest['date'] as Date).getTime();
      }),
    );
    const first = Math.min(...dates);
    return first === Infinity ? null : first;
  }

  async unmeasured(query: SumsRangeQuery): Promise<UnmeasuredBucket[]> {
    const { dimensions, period, range } = query;
    const { summaries, website } = this.collections;
    const groups = await summaries
      .aggregate(
        [
          {
            $match: {
              ...bucketFilter(website, period, range),
              dimension: { $in: dimensions },
              hits: { $gt: 0 },
              $expr: { $ne: [UNMEASURED, 0] },
            },
          },
          {
            $group: {
              _id: { dimension: '$dimension', date: '$date' },
              more: { $sum: UNMEASURED },
            },
          },
        ],
        { ...READ_LATEST, ...endOf(query), allowDiskUse: true },
      )
      .toArray();
    return groups.flatMap(({ _id, more }) => {
      const { dimension, date } = _id as { dimension: string; date: Date };
      return Number(more) === 0 ? [] : [{ dimension, bucket: date.getTime(), more: Number(more) }];
    });
  }

  async *scan({ ranges, mergesBuckets, ...query }: SumScanQuery): ScannedSums {
    const { summaries, website } = this.collections;
    const { withLatency, measures } = query;
    const left = ['seen', ...unwantedMeasures(measures), ...(withLatency ? [] : ['latency'])];
    const projection = Object.fromEntries(left.map((name) => [name, 0]));
    if (mergesBuckets && ranges.length > 0) {
      const options = { ...optionsOf(query), allowDiskUse: true, ...RAW_LATENCIES };
      const filter = { ...rangesFilter(website, { ...query, ranges }), ...ofKeys(query) };
      const stages = mergedSums(filter, query);
      yield* inParts(summaries.aggregate(stages, options), mergedSumOf);
    }
    for (const range of mergesBuckets ? [] : ranges) {
      const options = { ...optionsOf(query), batchSize: ROWS_IN_PART, projection };
      const filter = { ...rowFilter(website, { ...query, range }), ...ofKeys(query) };
      yield* inParts(summaries.find(filter, options), scannedSumOf);
    }
  }
}

async function* inParts(
  documents: AsyncIterable<MongoDocument>,
  of: (document: MongoDocument) => ScannedSum,
): ScannedSums {
  let part: ScannedSum[] = [];
  for await (const document of documents) {
    part.push(of(document));
    if (part.length < ROWS_IN_PART) continue;
    yield part;
    await turn();
    part = [];
  }
  if (part.length > 0) yield part;
}

/** The filter for rows of some keys. */
function ofKeys({ keys }: Pick<SumScanQuery, 'keys'>): MongoDocument {
  return keys ? { key: { $in: keys } } : {};
}

/** The rows of a dimension that count requests. */
function rowFilter(
  website: string | null,
  { dimension, period, range }: SumRangeQuery,
): MongoDocument {
  return {
    ...bucketFilter(website, period, range),
    dimension: { $eq: dimension },
    hits: { $gt: 0 },
  };
}

/** The rows of a dimension that count requests, in some ranges of buckets. */
function rangesFilter(
  website: string | null,
  { ranges, ...query }: Omit<SumRangeQuery, 'range'> & Pick<SumScanQuery, 'ranges'>,
): MongoDocument {
  if (ranges.length === 1) return rowFilter(website, { ...query, range: ranges[0]! });
  const dates = ranges.map((range) => {
    const { date = { $exists: true } } = bucketFilter(website, query.period, range);
    return { date };
  });
  const range = { first: null, last: null };
  return { ...rowFilter(website, { ...query, range }), $or: dates };
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
