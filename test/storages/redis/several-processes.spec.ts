import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { describe, expect, it } from 'vitest';
import { sumBasic, summariesOf, sumStatuses } from '../../../lib/summary/index.js';
import { describeWithServer } from '../../support/servers.js';
import { removeKeys } from './places.js';

const PROCESSES = 4;
// 40,000 records in all where there is time for it.
const RECORDS = process.env['CI'] === 'true' ? 10_000 : 500;
const MAX_KEYS = 60;

const built = existsSync(fileURLToPath(new URL('../../../dist/storages/redis/', import.meta.url)));
const script = fileURLToPath(new URL('./writer-process.mjs', import.meta.url));

// The processes run what the last build has made.
describe.skipIf(!built)('Four processes that write records of the same seconds at once', () => {
  describeWithServer('REDIS', 'to one Redis', (url) => {
    it('lose and double nothing', { timeout: 120_000 }, async () => {
      const keyPrefix = `processes${process.pid}`;
      const writers = Array.from({ length: PROCESSES }, (_, writer) => {
        const task = { url, keyPrefix, writer, records: RECORDS, maxKeys: MAX_KEYS };
        return fork(script, [JSON.stringify(task)]);
      });
      await Promise.all(writers.map((writer) => once(writer, 'message')));
      for (const writer of writers) writer.send('begin');
      const ends = await Promise.all(writers.map((writer) => once(writer, 'exit')));
      expect(ends.map(([code]: unknown[]) => code)).toEqual(Array(PROCESSES).fill(0));

      const storage = new RedisStorage({ url, keyPrefix });
      const summaries = summariesOf([sumBasic, sumStatuses]);
      await storage.open({ logger: console, summaries, timeZone: 'UTC', maxKeys: MAX_KEYS });
      const total = PROCESSES * RECORDS;
      expect(await storage.countUsage()).toBe(total);
      const ids = new Set<string>();
      for await (const { id } of storage.streamUsage()) ids.add(id);
      expect(ids.size).toBe(total);
      const transfer = (PROCESSES * RECORDS * (RECORDS - 1)) / 2;
      for (const dimension of ['url', 'remote', 'status']) {
        const { hour, day, month } = await storage.getSum(dimension, { limit: 1000 });
        for (const rows of [hour, day, month]) {
          expect(rows.length).toBeLessThanOrEqual(MAX_KEYS);
          expect(rows.reduce((sum, { hits }) => sum + hits, 0)).toBe(total);
          expect(rows.reduce((sum, row) => sum + row.transfer, 0)).toBe(transfer);
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
