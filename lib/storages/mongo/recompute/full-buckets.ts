import { OTHER_KEY, SUMMARY_PERIODS, type SummaryRow } from '../../../summary/index.js';
import { READ_LATEST } from '../connection/operation-options.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import { bucketFilter } from '../summaries/sum-queries.js';
import type { BucketRanges } from '../../base/recompute/bucket-ranges.js';

/**
 * Rows that stand for nothing, as many as buckets that take no new keys have room for. A bucket
 * may be closed a little below the cap, when several writers ask for one new key at once; whoever
 * counts anew must give that room to no key either.
 */
export async function rowsOfFullBuckets(
  { state, website }: MongoCollections,
  dimensions: readonly string[],
  ranges: BucketRanges,
  rows: readonly SummaryRow[],
  maxKeys: number,
): Promise<SummaryRow[]> {
  const keys = new Map<string, number>();
  for (const row of rows)
    if (row.key !== OTHER_KEY) keys.set(idOf(row), (keys.get(idOf(row)) ?? 0) + 1);
  const fillers: SummaryRow[] = [];
  for (const period of SUMMARY_PERIODS) {
    const closed = state.find(
      {
        ...bucketFilter(website, period, ranges[period]),
        dimension: { $in: dimensions },
        closed: true,
      },
      READ_LATEST,
    );
    for await (const document of closed) {
      const bucket = (document['date'] as Date).getTime();
      const run = { dimension: document['dimension'] as string, period, bucket };
      for (let held = keys.get(idOf(run)) ?? 0; held < maxKeys - 1; held++)
        fillers.push({ ...run, key: `\0${held}` });
    }
  }
  return fillers;
}

function idOf({ dimension, period, bucket }: Omit<SummaryRow, 'key'>): string {
  return `${dimension} ${period} ${bucket}`;
}
