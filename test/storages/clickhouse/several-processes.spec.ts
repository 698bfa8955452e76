import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { sumStatuses } from 'nestjs-track-usage';
import { beforeAll, describe, expect, it } from 'vitest';
import { newPlace } from '../../faults/databases.js';
import { amount } from '../../support/amounts.js';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../../support/built.js';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { transferOf, writeAtOnce, WRITERS } from '../fixtures/write-at-once.js';
import { dropPlace, tablesOf } from './places.js';

const RECORDS = amount({ few: 500, many: 10_000 });

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);

describe('Four processes that write records of the same seconds at once', () => {
  describeWithServer('CLICKHOUSE', 'to one ClickHouse', (url) => {
    it('lose and double nothing', { timeout: 600_000 }, async () => {
      const place = newPlace();
      const options = { url, ...tablesOf(place) };
      await writeAtOnce({
        entry: 'nestjs-track-usage/clickhouse',
        className: 'ClickHouseStorage',
        options,
        hooks: ['sumStatuses'],
        records: RECORDS,
        maxKeys: 100,
      });
      const storage = new ClickHouseStorage(options);
      await storage.open(contextOf([sumStatuses], { logger: console, maxKeys: 100 }));
      const total = WRITERS * RECORDS;
      expect(await storage.countUsage()).toBe(total);
      const { hour, day, month } = await storage.getSum('status');
      for (const sums of [hour, day, month]) {
        expect(sums.reduce((sum, { hits }) => sum + hits, 0)).toBe(total);
        expect(sums.reduce((sum, { transfer }) => sum + transfer, 0)).toBe(transferOf(RECORDS));
      }
      expect(await storage.verifySummaries()).toEqual([]);
      await storage.close();
      await dropPlace(url, place);
    });
  });
});
