import { Redis, type RedisOptions } from 'ioredis';
import { sumUrls, sumVisitors } from 'nestjs-track-usage';
import { RedisStorage, type RedisStorageOptions } from 'nestjs-track-usage/redis';
import { createClient, createClientPool, RESP_TYPES } from 'redis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { makeRecords } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { removeKeys } from './places.js';

type Client = NonNullable<RedisStorageOptions['client']>;
const HOOKS = [sumUrls, sumVisitors];
const DATE = Date.UTC(2026, 10, 23, 9);

describeWithServer('REDIS', 'RedisStorage on a client of the application', (url) => {
  let admin: Redis;
  let prefix: string;
  let ends: (() => unknown)[] = [];
  beforeAll(() => {
    admin = new Redis(url);
  });
  afterAll(() => admin.quit());
  afterEach(async () => {
    for (const end of ends.reverse()) await end();
    ends = [];
    for (const before of ['', 'app:', 'app{x}:']) {
      const stream = admin.scanStream({ match: `${before}{${prefix}}:*` });
      for await (const keys of stream as AsyncIterable<string[]>)
        if (keys.length > 0) await admin.unlink(keys);
    }
    await removeKeys(admin, prefix);
  });

  const open = async (client: unknown) => {
    prefix = `o${process.pid}x${Math.floor(performance.now())}`;
    const storage = new RedisStorage({
      client: client as Client,
      keyPrefix: prefix,
      maxRecords: 30,
      hooks: HOOKS,
    });
    await storage.open(contextOf(HOOKS, { maxKeys: 6 }));
    ends.push(() => storage.close());
    return storage;
  };

  /** All that the storage does, over several months and pages. */
  async function exercise(client: unknown) {
    const storage = await open(client);
    const records = makeRecords(40, (index) => ({
      date: new Date(DATE + index * 86_400_000),
      username: index % 2 ? 'ada' : null,
      visitorId: `v${index % 9}`,
    }));
    await storage.store(records.slice(0, 20));
    await storage.store(records.slice(0, 20));
    await storage.store(records.slice(10));
    expect(await storage.getUsage({ limit: 100 })).toEqual(records.slice(10).toReversed());
    expect(await storage.getUsage({ where: { username: 'ada' }, limit: 2 })).toHaveLength(2);
    expect(await storage.countUsage({ where: { username: 'ada', status: 200 } })).toBe(15);
    const streamed = [];
    for await (const record of storage.streamUsage()) streamed.push(record);
    expect(streamed).toHaveLength(30);
    const hits = async () => {
      const { month } = await storage.getSum('visitor', { order: 'hits' });
      return month.reduce((sum, each) => sum + each.hits, 0);
    };
    expect(await hits()).toBe(40);
    expect((await storage.getSum('visitor', { target: 'v1' })).day.length).toBeGreaterThan(0);
    expect(await storage.verifySummaries()).toEqual([]);
    await storage.rebuildSummaries();
    expect(await hits()).toBe(40);
    expect(await storage.forget({ visitorId: 'v3' })).toBe(4);
    expect(await storage.forget({ username: 'ada' })).toBeGreaterThan(10);
    expect(await storage.verifySummaries()).toEqual([]);
    expect(await storage.dailySalt('2026-11-23', 'first')).toBe('first');
    expect(await storage.dailySalt('2026-11-23', 'second')).toBe('first');
    await storage.forgetDailySalts('2026-12-01');
    const late = new Date(Date.UTC(2030, 0));
    await storage.prune({ records: late, hour: late, day: late, month: late });
    expect([await storage.countUsage(), await hits()]).toEqual([0, 0]);
  }

  it.each<[string, RedisOptions]>([
    ['stringNumbers', { stringNumbers: true }],
    ['keyPrefix', { keyPrefix: 'app:' }],
    ['keyPrefix with a hash tag', { keyPrefix: 'app{x}:' }],
    ['enableAutoPipelining', { enableAutoPipelining: true }],
    ['showFriendlyErrorStack', { showFriendlyErrorStack: true }],
    ['enableReadyCheck: false', { enableReadyCheck: false, enableOfflineQueue: true }],
    ['no retries', { maxRetriesPerRequest: 0, commandTimeout: 5000 }],
  ])('of ioredis with %s', async (_, options) => {
    const client = new Redis(url, options);
    ends.push(() => client.quit());
    await exercise(client);
  });

  it.each<[string, object]>([
    ['RESP2', { RESP: 2 }],
    ['RESP3', { RESP: 3 }],
    ['keyPrefix', { keyPrefix: 'app:' }],
    ['a short queue of commands', { commandsQueueMaxLength: 6 }],
    [
      'replies of other types',
      {
        RESP: 3,
        commandOptions: {
          typeMapping: {
            [RESP_TYPES.BLOB_STRING]: Buffer,
            [RESP_TYPES.SIMPLE_STRING]: Buffer,
            [RESP_TYPES.NUMBER]: String,
            [RESP_TYPES.ARRAY]: Set,
          },
        },
      },
    ],
  ])('of redis with %s', async (_, options) => {
    const client = await createClient({ url, ...options }).connect();
    ends.push(() => client.close());
    await exercise(client);
  });

  it('of redis, as a pool', async () => {
    const pool = createClientPool({ url }, { minimum: 1, maximum: 3 });
    await pool.connect();
    ends.push(() => pool.close());
    await exercise(pool);
  });

  it('says that it cannot use a pipeline', async () => {
    await expect(open(admin.pipeline())).rejects.toThrow(/RedisStorage: client: expected/);
  });
});
