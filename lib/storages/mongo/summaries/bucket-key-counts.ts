import {
  byBucket,
  compareRows,
  OTHER_KEY,
  SUMMARY_PERIODS,
  type SummaryIncrement,
  type SummaryRow,
} from '../../../summary/index.js';
import type { BucketRanges } from '../../base/recompute/bucket-ranges.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import { INSERT, READ_LATEST, SIMPLE_COLLATION, WRITE } from '../connection/operation-options.js';
import { bucketId } from './key-reservations.js';
import { rowId } from './sum-mapper.js';
import { bucketFilter } from './sum-reader.js';

const COUNT_PROJECTION = { _id: 1, keys: 1, closed: 1 };

/**
 * The number of buckets whose rows are deleted concurrently. Most of the time is spent waiting for
 * the server's disk.
 */
const BUCKETS_AT_ONCE = 50;

/** Sets the buckets' counts of keys to those of the rows. Must run while no writer adds rows. */
export async function recomputeKeyCounts(
  { state, website }: MongoCollections,
  dimensions: readonly string[],
  ranges: BucketRanges,
  rows: readonly SummaryIncrement[],
  maxKeys: number,
): Promise<void> {
  const held = new Map<
    string,
    { keys: number; hasOther: boolean; closed: boolean; fields: object }
  >();
  for (const run of byBucket([...rows].sort(compareRows))) {
    const { dimension, period, bucket } = run[0]!;
    const keys = run.filter(({ key }) => key !== OTHER_KEY).length;
    const fields = {
      dimension,
      period,
      date: new Date(bucket),
      ...(website !== null && { website }),
    };
    const hasOther = keys < run.length;
    held.set(bucketId(website, run[0]!), {
      keys,
      hasOther,
      closed: hasOther && keys >= maxKeys - 1,
      fields,
    });
  }
  for (const period of SUMMARY_PERIODS) {
    const noted = state.find(
      { ...bucketFilter(website, period, ranges[period]), dimension: { $in: dimensions } },
      { ...READ_LATEST, projection: COUNT_PROJECTION },
    );
    for await (const { _id, keys, closed } of noted) {
      const row = held.get(_id as string) ?? { keys: 0, hasOther: false, fields: {} };
      // A real key may read `(other)` although the bucket is not full.
      const right = { ...row, closed: row.hasOther && closed === true };
      if (Number(keys) === right.keys && closed === right.closed) held.delete(_id as string);
      else held.set(_id as string, right);
    }
  }
  if (held.size === 0) return;
  await state.bulkWrite(
    [...held].map(([_id, { fields, keys, closed }]) => ({
      updateOne: {
        filter: { _id },
        collation: SIMPLE_COLLATION,
        update: { $set: { keys, closed, pending: {} }, $setOnInsert: fields },
        upsert: true,
      },
    })),
    { ...INSERT, ordered: false },
  );
}

/** Deletes those of the given rows that have no hits, and frees their keys' room. */
export async function deleteEmptied(
  collections: MongoCollections,
  emptied: readonly SummaryIncrement[],
): Promise<void> {
  const runs = [...byBucket([...emptied].sort(compareRows))];
  for (let at = 0; at < runs.length; at += BUCKETS_AT_ONCE)
    await Promise.all(
      runs.slice(at, at + BUCKETS_AT_ONCE).map((run) => deleteRun(collections, run)),
    );
}

async function deleteRun(
  { summaries, state, website }: MongoCollections,
  run: readonly SummaryIncrement[],
): Promise<void> {
  const { deletedCount } = await summaries.deleteMany(
    { _id: { $in: run.map((row) => rowId(website, row)) }, hits: { $lte: 0 } },
    WRITE,
  );
  const hadOther = run.some(({ key }) => key === OTHER_KEY);
  await state.updateOne(
    { _id: bucketId(website, run[0]!) },
    {
      $inc: { keys: -Math.min(deletedCount, run.length - (hadOther ? 1 : 0)) },
      ...(hadOther && deletedCount === run.length && { $set: { closed: false } }),
    },
    WRITE,
  );
}

/**
 * Returns filler rows, one for each free place of a closed bucket. A bucket may close slightly
 * below the cap, if several writers reserve the same new key at once. A recomputation must not give
 * that room to a key either.
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
