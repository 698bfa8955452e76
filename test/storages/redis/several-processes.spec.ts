import { Redis } from 'ioredis';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { beforeAll, describe, expect, it } from 'vitest';
import { sumBasic, sumStatuses } from 'nestjs-track-usage';
import { amount } from '../../support/amounts.js';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../../support/built.js';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { transferOf, writeAtOnce, WRITERS } from '../fixtures/write-at-once.js';
import { removeKeys } from './places.js';

const RECORDS = amount({ few: 500, many: 10_000 });
const MAX_KEYS = 60;

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);

describe('Four processes that write records of the same seconds at once', () => {
  describeWithServer('REDIS', 'to one Redis', (url) => {
    it('lose and double nothing', { timeout: 120_000 }, async () => {
      const keyPrefix = `processes${process.pid}`;
      await writeAtOnce({
        entry: 'nestjs-track-usage/redis',
        className: 'RedisStorage',
        options: { url, keyPrefix },
        hooks: ['sumBasic', 'sumStatuses'],
        records: RECORDS,
        maxKeys: MAX_KEYS,
      });

      const storage = new RedisStorage({ url, keyPrefix });
      await storage.open(contextOf([sumBasic, sumStatuses], { maxKeys: MAX_KEYS }));
      const total = WRITERS * RECORDS;
      expect(await storage.countUsage()).toBe(total);
      const ids = new Set<string>();
      for await (const { id } of storage.streamUsage()) ids.add(id);
      expect(ids.size).toBe(total);
      for (const dimension of ['url', 'remote', 'status']) {
        const { hour, day, month } = await storage.getSum(dimension, { limit: 1000 });
        for (const rows of [hour, day, month]) {
          expect(rows.length).toBeLessThanOrEqual(MAX_KEYS);
          expect(rows.reduce((sum, { hits }) => sum + hits, 0)).toBe(total);
          expect(rows.reduce((sum, row) => sum + row.transfer, 0)).toBe(transferOf(RECORDS));
        }
      }
      expect(await storage.verifySummaries()).toEqual([]);
      await storage.close();
      const client = new Redis(url);
      await removeKeys(client, keyPrefix);
      await client.quit();
    });
  });
});
