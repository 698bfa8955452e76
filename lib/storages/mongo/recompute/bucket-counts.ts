import {
  byBucket,
  compareRows,
  OTHER_KEY,
  SUMMARY_PERIODS,
  type SummaryIncrement,
} from '../../../summary/index.js';
import { INSERT, READ_LATEST, SIMPLE_COLLATION, WRITE } from '../connection/operation-options.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import { bucketId } from '../summaries/key-notes.js';
import { rowId } from '../summaries/sum-document.js';
import { bucketFilter } from '../summaries/sum-queries.js';
import type { BucketRanges } from '../../base/recompute/bucket-ranges.js';

const KEPT = { _id: 1, keys: 1, closed: 1 };

/** Buckets whose rows are deleted side by side: the wait is for the server's disk. */
const BUCKETS_AT_ONCE = 50;

/** Makes the buckets' counts of keys those of the rows, at a moment when nobody adds any. */
export async function recountKeys(
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
      { ...READ_LATEST, projection: KEPT },
    );
    for await (const { _id, keys, closed } of noted) {
      const row = held.get(_id as string) ?? { keys: 0, hasOther: false, fields: {} };
      // A key may be called (other) without a bucket being full.
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

/** Deletes rows that nothing counts in any more, and gives their keys' room back. */
export async function deleteEmptied(
  place: MongoCollections,
  emptied: readonly SummaryIncrement[],
): Promise<void> {
  const runs = [...byBucket([...emptied].sort(compareRows))];
  for (let at = 0; at < runs.length; at += BUCKETS_AT_ONCE)
    await Promise.all(runs.slice(at, at + BUCKETS_AT_ONCE).map((run) => deleteRun(place, run)));
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
