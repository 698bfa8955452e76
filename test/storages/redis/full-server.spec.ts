import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import {
  sumUrls,
  sumVisitors,
  type StorageOptions,
  StorageUnavailableError,
} from 'nestjs-track-usage';
import { RedisStorage, type RedisStorageOptions } from 'nestjs-track-usage/redis';
import { afterEach, expect, it } from 'vitest';
import { makeRecords } from 'nestjs-track-usage/testing';
import { contextOf, SILENT_LOGGER } from '../../support/storage-context.js';
import { describeWithBinary, RedisServer } from './redis-server.js';

const HOOKS = [sumUrls, sumVisitors];
const START = Date.UTC(2026, 9, 30);
const HOUR = 3_600_000;
const FOLDED = new Date(Date.UTC(2026, 10, 1));

describeWithBinary('RedisStorage and a server that is full', () => {
  let ends: (() => unknown)[] = [];
  let warnings: string[] = [];
  afterEach(async () => {
    for (const end of ends.reverse()) await end();
    [ends, warnings] = [[], []];
  });

  async function redis(...settings: string[]) {
    const server = await RedisServer.start(...settings);
    ends.push(() => server.remove());
    const admin = new Redis(server.url);
    ends.push(() => admin.quit());
    const used = async () => Number(/used_memory:(\d+)/.exec(await admin.info('memory'))![1]);
    const limit = (bytes: number) => admin.config('SET', 'maxmemory', String(bytes));
    return { server, admin, used, limit };
  }

  async function opened(server: RedisServer, options: RedisStorageOptions & StorageOptions = {}) {
    const storage = new RedisStorage({ url: server.url, hooks: HOOKS, ...options });
    await storage.open(
      contextOf(HOOKS, {
        logger: { ...SILENT_LOGGER, warn: (line: string) => void warnings.push(line) },
        maxKeys: 100,
      }),
    );
    ends.push(() => storage.close());
    return storage;
  }

  const traffic = (count: number, from = 0) =>
    makeRecords(count, (index) => ({
      date: new Date(START + (from + index) * HOUR),
      username: index % 3 === 0 ? 'ada' : null,
      visitorId: `v${index % 3}`,
    }));
  const hits = async (storage: RedisStorage) => {
    const { month } = await storage.getSum('url', { limit: 1000 });
    return month.reduce((sum, each) => sum + each.hits, 0);
  };

  it('starts, forgets, prunes and recounts, and stores nothing', async () => {
    const { server, limit } = await redis('--maxmemory-policy', 'noeviction');
    const before = await opened(server);
    await before.store(traffic(96));
    await limit(1);
    const storage = await opened(server);
    const failure = await storage.store(traffic(1)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StorageUnavailableError);
    // Whoever logs it logs no record with it.
    expect(inspect(failure, { depth: 9 })).not.toContain('shop.example');
    expect(await storage.countUsage()).toBe(96);
    expect(await storage.dailySalt('2026-11-23', 'salt')).toBe('salt');

    expect(await storage.forget({ username: 'ada' })).toBe(32);
    expect(await hits(storage)).toBe(64);
    expect(await storage.verifySummaries()).toEqual([]);
    // What can no more be told from records is folded.
    expect(await storage.prune({ records: FOLDED })).toMatchObject({ records: 32 });
    expect(await storage.forget({ visitorId: 'v1' })).toBe(16);
    const { month } = await storage.getSum('visitor');
    expect(month.map(({ key }) => key)).toContain('(other)');
    expect(await storage.verifySummaries()).toEqual([]);
    await storage.rebuildSummaries();
    const late = new Date(Date.UTC(2030, 0));
    const all = { records: late, hour: late, day: late, month: late };
    expect(await storage.prune(all)).toMatchObject({ records: 16 });
    expect(await storage.countUsage()).toBe(0);
    expect(await hits(storage)).toBe(0);
    await storage.forgetDailySalts('2026-12-01');
    expect(warnings).toEqual([]);
  });

  it('keeps the newest records as far as maxRecords says, and loses none of the sums', async () => {
    const { server, admin, used, limit } = await redis('--maxmemory-policy', 'noeviction');
    const storage = await opened(server, { maxRecords: 2000 });
    // Of few keys and one hour, so that it is the records that take the room.
    const records = makeRecords(4000, (index) => ({
      date: new Date(START + index),
      url: `http://shop.example/${index % 4}`,
    }));
    await storage.store(records.slice(0, 2000));
    await limit((await used()) + 50_000);
    // Others fill it up to the last byte.
    for (let at = 0; ; at++) {
      const isFull = await admin.set(`other:${at}`, 'x'.repeat(2000)).then(
        () => false,
        () => true,
      );
      if (isFull) break;
    }
    for (let at = 2000; at < 4000; at += 250) await storage.store(records.slice(at, at + 250));
    const kept = await storage.getUsage({ limit: 5000 });
    expect(kept).toEqual(records.slice(4000 - kept.length).toReversed());
    expect(kept.length).toBeGreaterThanOrEqual(1500);
    expect(kept.length).toBeLessThanOrEqual(2000);
    expect(await hits(storage)).toBe(4000);
    expect(await storage.verifySummaries()).toEqual([]);
  });

  it('takes no more records away for a batch that fails again and again', async () => {
    const { server, limit } = await redis('--maxmemory-policy', 'noeviction');
    const storage = await opened(server, { maxRecords: 100 });
    await storage.store(traffic(100));
    await limit(1);
    for (let tries = 0; tries < 10; tries++)
      await expect(storage.store(traffic(5, 200))).rejects.toThrow(StorageUnavailableError);
    expect(await storage.countUsage()).toBe(75);
    await limit(0);
    await storage.store(traffic(30, 200));
    expect(await storage.countUsage()).toBe(100);
  });

  it.each(['allkeys-lru', 'allkeys-lfu', 'allkeys-random'])(
    'warns at the start of the policy %s, which deletes sums',
    async (policy) => {
      const { server } = await redis('--maxmemory', '100mb', '--maxmemory-policy', policy);
      await opened(server);
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(policy);
      expect(warnings[0]).toContain('noeviction');
    },
  );

  it('does not warn of others, nor where it may not ask', async () => {
    const { server, admin } = await redis('--maxmemory-policy', 'volatile-lru');
    await opened(server);
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await admin.acl('SETUSER', 'app', 'on', '>pw', '~*', '+@all', '-info', '-config');
    await opened(server, { username: 'app', password: 'pw' });
    expect(warnings).toEqual([]);
  });
});
