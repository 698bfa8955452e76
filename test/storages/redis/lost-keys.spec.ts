import { Redis } from 'ioredis';
import { sumUrls, sumVisitors } from 'nestjs-track-usage';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { makeRecords } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { removeKeys } from './places.js';

const HOOKS = [sumUrls, sumVisitors];

describeWithServer('REDIS', 'RedisStorage whose keys were evicted or restored in part', (url) => {
  let client: Redis;
  let prefix = '';
  let storage: RedisStorage;
  beforeAll(() => {
    client = new Redis(url);
  });
  afterEach(async () => {
    await storage.close();
    await removeKeys(client, prefix);
  });
  afterAll(() => client.quit());

  const open = async () => {
    storage = new RedisStorage({ url, keyPrefix: prefix, hooks: HOOKS });
    await storage.open(contextOf(HOOKS, { maxKeys: 50 }));
  };
  const traffic = (from: number, count: number) =>
    makeRecords(count, (index) => ({
      date: new Date(Date.UTC(2026, 9, 30) + (from + index) * 3_600_000),
      visitorId: `v${index % 3}`,
      url: `http://shop.example/${index % 4}`,
    }));

  it.each(['records', 'texts', 'dimensions', 'buckets', 'keys', 'sums', 'by', 'pruned'])(
    'counts on, sees what is wrong, and mends it: %s',
    async (kind) => {
      prefix = `lost${process.pid}${kind}`;
      await open();
      const before = traffic(0, 60);
      await storage.store(before);
      const lost = await client.keys(`{${prefix}}:${kind}*`);
      if (lost.length > 0) await client.del(lost);
      const [running, restarted] = [traffic(60, 5), traffic(65, 5)];
      await storage.store(running);
      await storage.close();
      await open();
      await storage.store(restarted);

      const records = await storage.countUsage();
      expect(records).toBe(kind === 'records' ? 10 : 70);
      const hits = async () => {
        const { hour, day, month } = await storage.getSum('url', { limit: 1000 });
        const totals = [hour, day, month].map((list) =>
          list.reduce((sum, each) => sum + each.hits, 0),
        );
        expect(new Set(totals).size).toBe(1);
        return totals[0];
      };
      const wrong = await storage.verifySummaries();
      const isWrong = ['records', 'texts', 'buckets', 'keys', 'sums'].includes(kind);
      expect(wrong.length > 0).toBe(isWrong);
      await storage.rebuildSummaries();
      expect(await storage.verifySummaries()).toEqual([]);
      // What has no text is no record any more.
      const whole = (await storage.getUsage({ limit: 1000 })).length;
      expect(whole).toBe(['records', 'texts'].includes(kind) ? 10 : 70);
      expect(await hits()).toBe(whole);
    },
  );
});
