import { sumBasic, sumStatuses, sumUrls, type UsageRecord } from 'nestjs-track-usage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  bruteForce,
  KEYS,
  totalsOf,
  randomNumbers,
  randomTraffic,
} from '../support/contract-parts.js';
import { countsOf, startDelivery } from '../delivery/start-delivery.js';
import { amount } from '../support/amounts.js';
import { contextOf } from '../support/storage-context.js';
import {
  clickhouse,
  couchdb,
  createStorage,
  mariadb,
  mysql,
  newPlace,
  postgres,
  redis,
} from './databases.js';
import { TcpProxy } from './tcp-proxy.js';
import { describeDatabases } from './with-databases.js';

const BATCHES = amount({ few: 50, many: 1000 });
const RECORDS_IN_BATCH = 4;

describe('every answer of the store is lost after the commit', () => {
  describeDatabases([postgres, mariadb, mysql, redis, couchdb, clickhouse], (database, url) => {
    const place = newPlace();
    let proxy: TcpProxy;

    beforeEach(async () => {
      // No pauses between one try and the next.
      vi.spyOn(Math, 'random').mockReturnValue(0);
      proxy = await TcpProxy.before(url);
    });
    afterEach(async () => {
      vi.restoreAllMocks();
      await proxy.refuse();
      await database.remove(url, place);
    });

    it(
      `stores each record of ${BATCHES} batches once, and counts it once in every sum`,
      { timeout: 1_200_000 },
      async () => {
        const hooks = [sumBasic, sumUrls, sumStatuses];
        const hooked: UsageRecord[] = [];
        const storage = createStorage(database.recipe(proxy.through(url), place), { hooks });
        await storage.open!(contextOf(hooks));
        const { delivery } = startDelivery([Object.assign(storage, { options: {} })], {}, [
          (record) => void hooked.push(record),
        ]);
        proxy.losesAnswerTo = database.commits!();
        const records = randomTraffic(BATCHES * RECORDS_IN_BATCH, randomNumbers(5));
        for (let at = 0; at < records.length; at += RECORDS_IN_BATCH) {
          for (const record of records.slice(at, at + RECORDS_IN_BATCH))
            delivery.record(record, null);
          expect(await delivery.flush(30_000)).toBe(true);
        }
        expect(proxy.lostAnswers).toBe(BATCHES);
        expect(countsOf(delivery, storage)).toMatchObject({
          seen: records.length,
          stored: records.length,
          waiting: 0,
          dropped: {},
        });
        // While a connection is being made anew, calls fail that store nothing.
        expect(countsOf(delivery, storage).retried).toBeGreaterThanOrEqual(BATCHES);
        expect(hooked).toEqual(records);

        proxy.losesAnswerTo = null;
        expect(await storage.countUsage!()).toBe(records.length);
        for (const dimension of ['url', 'status'])
          for (const period of ['hour', 'day', 'month'] as const) {
            const sums = await storage.getSum!(dimension, { limit: 100_000 });
            expect(totalsOf(sums[period])).toEqual(bruteForce(records, KEYS[dimension]!, period));
          }
        expect(await storage.verifySummaries!()).toEqual([]);
        await delivery.shutdown();
      },
    );
  });
});
