import { MongoClient, type AnyBulkWriteOperation, type Document } from 'mongodb';
import { MongoStorage } from 'nestjs-track-usage/mongo';
import { incrementsOf, type Increment } from '../ingest/increments.js';
import type { Database, RawSide, RouteQuestion } from './database.js';

const VARIABLE = 'TRACK_USAGE_TEST_MONGODB_URL';
const DATABASE = `track_usage_bench`;
const url = () => process.env[VARIABLE]!;
const MAJORITY = { writeConcern: { w: 'majority' } } as const;

type WithId = Document & { readonly _id: string };

export const database: Database = {
  title: 'MongoDB',
  variable: VARIABLE,
  raw: 'mongodb: an unordered insertMany for each batch, then an unordered bulkWrite of upserts, both with the majority that the storage asks for',
  storage: (_scratch, { recordTable, summaryTable }, hooks) =>
    new MongoStorage({
      uri: url(),
      database: DATABASE,
      collection: recordTable,
      summaryCollection: summaryTable,
      hooks,
    }),

  async openRaw(_scratch, { recordTable, summaryTable }): Promise<RawSide> {
    const client = await MongoClient.connect(url());
    const db = client.db(DATABASE);
    const records = db.collection<WithId>(recordTable);
    const summaries = db.collection<WithId>(summaryTable);
    const order = { date: -1, _id: -1 } as const;
    return {
      async write(batch, withSums) {
        await records.insertMany(
          batch.map(({ id, ...record }) => ({ _id: id, ...record })),
          { ...MAJORITY, ordered: false },
        );
        if (!withSums) return;
        await summaries.bulkWrite(incrementsOf(batch).map(upsertOf), {
          ...MAJORITY,
          ordered: false,
        });
      },
      page: (limit, offset) => records.find().sort(order).skip(offset).limit(limit).toArray(),
      stream: () => records.find().sort(order).batchSize(500),
      sums: (period, first, last, limit) =>
        summaries
          .find({
            dimension: 'url',
            period,
            date: { $gte: new Date(first), $lte: new Date(last) },
          })
          .sort({ date: -1, key: 1 })
          .limit(limit)
          .toArray(),
      byRoute: (question) => records.aggregate(grouped(question)).toArray(),
      plan: async (question) => {
        const plan = await records.aggregate(grouped(question)).explain('queryPlanner');
        return [JSON.stringify(winningPlan(plan))];
      },
      count: () => records.countDocuments(),
      close: () => client.close(),
    };
  },

  async drop(_scratch, { recordTable, summaryTable }) {
    const client = await MongoClient.connect(url());
    for (const name of [recordTable, summaryTable, `${summaryTable}_state`])
      await client.db(DATABASE).collection(name).drop();
    await client.close();
  },
};

function upsertOf(row: Increment): AnyBulkWriteOperation<WithId> {
  const { dimension, period, date, key, firstSeen, lastSeen, latency, ...added } = row;
  const counts: Record<string, number> = { ...added };
  for (const [slot, count] of latency) counts[`latency.${slot}`] = count;
  return {
    updateOne: {
      filter: { _id: `${dimension} ${period} ${date} ${key}` },
      update: {
        $inc: counts,
        $min: { firstSeen },
        $max: { lastSeen },
        $setOnInsert: { dimension, period, date: new Date(date), key },
      },
      upsert: true,
    },
  };
}

function grouped({ platform, first, last, limit }: RouteQuestion): Document[] {
  return [
    {
      $match: {
        'userAgent.platform': platform,
        date: { $gte: new Date(first), $lte: new Date(last) },
      },
    },
    {
      $group: {
        _id: { method: '$method', route: '$route', status: '$status' },
        hits: { $sum: 1 },
        errors: { $sum: { $cond: [{ $gte: ['$status', 500] }, 1, 0] } },
      },
    },
    { $sort: { hits: -1 } },
    { $limit: limit },
  ];
}

/** The part of a plan that says what is read, wherever it stands. */
function winningPlan(plan: unknown): unknown {
  if (typeof plan !== 'object' || plan === null) return undefined;
  if ('winningPlan' in plan) return plan.winningPlan;
  for (const part of Object.values(plan)) {
    const found = winningPlan(part);
    if (found !== undefined) return found;
  }
  return undefined;
}
