import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { MongoPiggybackStorage } from 'nestjs-track-usage/mongo';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { type UsageStorage, sumUrls } from 'nestjs-track-usage';
import { expect, it } from 'vitest';
import { makeRecord } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../support/servers.js';
import { contextOf } from '../support/storage-context.js';
import { dropPlace } from './mongo/places.js';
import { removeKeys } from './redis/places.js';

const URLS = 30;
const HOURS = 4;
const START = Date.UTC(2026, 5, 15);
const QUERIES = [
  { startDate: new Date(START), endDate: new Date(START + HOURS * 3_600_000 - 1) },
  { order: 'hits' },
  { target: 'http://shop.example/cats/7' },
  { limit: 10, page: 3 },
] as const;

/** What asking cost: calls, and values or documents in the answers. */
interface Cost {
  calls: number;
  values: number;
}

// The plans of SQL are looked at in sql/plans.spec.ts.
describeWithServer('REDIS', 'The sums of a month in Redis', (url) => {
  it('cost the same however many records are behind them', async () => {
    const client = new Redis(url);
    const cost: Cost = { calls: 0, values: 0 };
    const counted =
      (call: 'eval' | 'evalsha') =>
      async (script: string, keys: number, ...rest: string[]) => {
        cost.calls++;
        const reply = await client[call](script, keys, ...rest);
        cost.values += valuesIn(reply);
        return reply;
      };
    const counting = { eval: counted('eval'), evalsha: counted('evalsha') };
    const places = ['few', 'many'].map((name) => `cost${process.pid}${name}`);
    try {
      const [few, many] = places.map(
        (keyPrefix) => new RedisStorage({ client: counting, keyPrefix, hooks: [sumUrls] }),
      );
      await costsTheSame(few!, many!, cost);
    } finally {
      for (const place of places) await removeKeys(client, place);
      await client.quit();
    }
  });
});

describeWithServer('MONGODB', 'The sums of a month in MongoDB', (url) => {
  it('cost the same however many records are behind them', async () => {
    const client = await new MongoClient(url, { monitorCommands: true }).connect();
    const cost: Cost = { calls: 0, values: 0 };
    client.on('commandSucceeded', ({ commandName, reply }) => {
      if (commandName !== 'find' && commandName !== 'getMore' && commandName !== 'aggregate')
        return;
      cost.calls++;
      const { cursor } = reply as { cursor: Record<string, unknown[] | undefined> };
      cost.values += (cursor['firstBatch'] ?? cursor['nextBatch'] ?? []).length;
    });
    const places = ['few', 'many'].map((name) => `cost${process.pid}${name}`);
    try {
      const [few, many] = places.map(
        (place) =>
          new MongoPiggybackStorage({
            collection: client.db().collection(place),
            summaryCollection: `${place}_s`,
            hooks: [sumUrls],
          }),
      );
      await costsTheSame(few!, many!, cost);
    } finally {
      for (const place of places) await dropPlace(client.db(), place);
      await client.close();
    }
  });
});

async function costsTheSame(few: UsageStorage, many: UsageStorage, cost: Cost): Promise<void> {
  await fill(few, 1);
  await fill(many, 25);
  for (const query of QUERIES) {
    const costs: Cost[] = [];
    for (const storage of [few, many]) {
      // What a first call loads, such as a script, is no part of it.
      await storage.getSum!('url', query);
      Object.assign(cost, { calls: 0, values: 0 });
      const { month } = await storage.getSum!('url', query);
      expect(month.length).toBeGreaterThan(0);
      expect(month[0]!.hits % (storage === few ? HOURS : 25 * HOURS)).toBe(0);
      costs.push({ ...cost });
    }
    expect(costs[0]!.calls).toBeGreaterThan(0);
    expect(costs[1]).toEqual(costs[0]);
  }
  await few.close?.();
  await many.close?.();
}

async function fill(storage: UsageStorage, times: number): Promise<void> {
  await storage.open?.(contextOf([sumUrls]));
  for (let time = 0; time < times; time++)
    await storage.store(
      Array.from({ length: URLS * HOURS }, (_, index) =>
        makeRecord({
          date: new Date(START + (index % HOURS) * 3_600_000 + time),
          url: `http://shop.example/cats/${index % URLS}`,
          speed: 0.001 * (1 + (index % 7)),
        }),
      ),
    );
}

function valuesIn(reply: unknown): number {
  return Array.isArray(reply) ? reply.reduce((sum: number, each) => sum + valuesIn(each), 0) : 1;
}
