import fc from 'fast-check';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import {
  MemoryStorage,
  type StorageOptions,
  type UsageStorage,
  sumBasic,
  sumGeo,
  summary,
  sumRoutes,
  sumStatuses,
  sumVisitors,
  type UsageRecord,
} from 'nestjs-track-usage';
import { MongoPiggybackStorage } from 'nestjs-track-usage/mongo';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { describeWithServer } from '../support/servers.js';
import { bruteForce, DIMENSIONS, PERIODS, rowNames } from '../summary/brute-force.js';
import { traffic } from '../summary/traffic.js';
import { contextOf } from '../support/storage-context.js';
import { dropPlace as dropCollections } from './mongo/places.js';
import { removeKeys } from './redis/places.js';
import { dropPlace as dropTables, tablesOf } from './sql/places.js';

const hooks = [
  sumBasic,
  sumVisitors,
  sumGeo,
  sumRoutes,
  sumStatuses,
  summary('tenant', (record) => record.trackVar?.['tenant']),
];
const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'];

/** What is sent: batches, and after each of them some that are sent again, in part or whole. */
const sending = fc
  .tuple(traffic, fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 12 }))
  .map(([batches, repeats]) => {
    const all = batches.flat();
    const sent: UsageRecord[][] = [];
    for (const [index, batch] of batches.entries()) {
      sent.push(batch);
      const before = batches.slice(0, index + 1).flat();
      for (const [at, from, size] of repeats)
        if (at % batches.length === index && before.length > 0) {
          const start = from % before.length;
          sent.push(before.slice(start, start + 1 + (size % 40)));
        }
    }
    return { all, sent };
  });

type Create = (place: string, options: StorageOptions) => UsageStorage;

let places = 0;

async function holds(runs: number, create: Create, remove: (place: string) => Promise<void>) {
  const property = fc.asyncProperty(sending, fc.constantFrom(...ZONES), async (sending, zone) => {
    const place = `q${process.pid}_${places++}`;
    const storage = create(place, { hooks });
    await storage.open?.(contextOf(hooks, { timeZone: zone, maxKeys: 10_000 }));
    try {
      for (const batch of sending.sent) await storage.store(batch);
      await assertSums(storage, sending.all, zone);
    } finally {
      await storage.close?.();
      await remove(place);
    }
  });
  await fc.assert(property, { numRuns: runs });
}

async function assertSums(storage: UsageStorage, records: readonly UsageRecord[], zone: string) {
  const name = rowNames(zone);
  const found = [];
  for (const dimension of DIMENSIONS) {
    const sums = await storage.getSum!(dimension, { limit: 10_000 });
    for (const period of PERIODS)
      for (const sum of sums[period])
        found.push({ ...sum, row: name(dimension, period, sum.date.getTime(), sum.key) });
  }
  found.sort((a, b) => (a.row < b.row ? -1 : 1));
  const expected = bruteForce(records, zone);
  expect(
    found.map(({ row, hits, transfer, errors, duration, refused, aborted, ...seen }) => {
      const [firstSeen, lastSeen] = [seen.firstSeen?.getTime(), seen.lastSeen?.getTime()];
      const micros = Math.round(duration * 1e6);
      return { row, hits, transfer, errors, micros, refused, aborted, firstSeen, lastSeen };
    }),
  ).toEqual(expected.map(({ latencies: _, ...row }) => row));
  for (const [index, { p50, p95, p99 }] of found.entries()) {
    const { latencies } = expected[index]!;
    for (const [percent, given] of [
      [50, p50],
      [95, p95],
      [99, p99],
    ] as const) {
      const exact = latencies[Math.ceil((percent * latencies.length) / 100) - 1]! / 1e6;
      expect(Math.abs(given - exact)).toBeLessThanOrEqual(0.02 * exact);
    }
  }
  expect(await storage.verifySummaries!()).toEqual([]);
}

describe('Sums of random traffic in random batches with random repeats equal a count', () => {
  it('in memory', () =>
    holds(
      20,
      (_, options) => new MemoryStorage(options),
      async () => {},
    ));

  it('on SQLite', () =>
    holds(
      10,
      (_, options) => new SqlStorage({ ...options, database: ':memory:' }),
      async () => {},
    ));

  for (const [name, type] of [
    ['POSTGRES', 'postgres'],
    ['MARIADB', 'mariadb'],
    ['MYSQL', 'mysql'],
  ] as const)
    describeWithServer(name, 'on a server', (url) => {
      it(`on ${type}`, { timeout: 120_000 }, async () => {
        const dataSource = await new DataSource({ type, url }).initialize();
        const create: Create = (place, options) =>
          new SqlStorage({ ...options, dataSource, ...tablesOf(place) });
        await holds(5, create, (place) => dropTables(dataSource, place));
        await dataSource.destroy();
      });
    });

  describeWithServer('REDIS', 'on a server', (url) => {
    it('on Redis', { timeout: 120_000 }, async () => {
      const client = new Redis(url);
      const create: Create = (keyPrefix, options) =>
        new RedisStorage({ ...options, client, keyPrefix });
      await holds(5, create, (place) => removeKeys(client, place));
      await client.quit();
    });
  });

  describeWithServer('MONGODB', 'on a server', (url) => {
    it('on MongoDB', { timeout: 120_000 }, async () => {
      const client = await new MongoClient(url).connect();
      const create: Create = (place, options) =>
        new MongoPiggybackStorage({
          ...options,
          collection: client.db().collection(place),
          summaryCollection: `${place}_s`,
        });
      await holds(3, create, (place) => dropCollections(client.db(), place));
      await client.close();
    });
  });
});
