import { CouchDbStorage } from 'nestjs-track-usage/couchdb';
import { beforeAll, describe, expect, it } from 'vitest';
import { sumStatuses } from 'nestjs-track-usage';
import { amount } from '../../support/amounts.js';
import { BUILD_TIMEOUT_MS, builtLibrary } from '../../support/built.js';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { transferOf, writeAtOnce, WRITERS } from '../fixtures/write-at-once.js';
import { couch } from './places.js';

const RECORDS = amount({ few: 100, many: 10_000 });

beforeAll(builtLibrary, BUILD_TIMEOUT_MS);

describe('Four processes that write records of the same seconds at once', () => {
  describeWithServer('COUCHDB', 'to one CouchDB', (url) => {
    it('lose and double nothing', { timeout: 1_200_000 }, async () => {
      const database = `processes${process.pid}`;
      const options = { url, database };
      await writeAtOnce({
        entry: 'nestjs-track-usage/couchdb',
        className: 'CouchDbStorage',
        options,
        hooks: ['sumStatuses'],
        records: RECORDS,
        maxKeys: 100,
      });

      const storage = new CouchDbStorage(options);
      await storage.open(contextOf([sumStatuses], { logger: console, maxKeys: 100 }));
      const total = WRITERS * RECORDS;
      const { rows } = await couch(url, 'GET', `/${database}/_all_docs?startkey="0"&endkey="1"`);
      expect((rows as unknown[]).length).toBe(total);
      expect(await storage.countUsage()).toBe(total);
      const { hour, day, month } = await storage.getSum('status');
      for (const sums of [hour, day, month]) {
        expect(sums.reduce((sum, { hits }) => sum + hits, 0)).toBe(total);
        expect(sums.reduce((sum, { transfer }) => sum + transfer, 0)).toBe(transferOf(RECORDS));
      }
      // Nothing is wrong, so a rebuild finds nothing and writes nothing.
      const sequence = async () => (await couch(url, 'GET', `/${database}`))['update_seq'];
      const before = await sequence();
      expect(await storage.verifySummaries()).toEqual([]);
      await storage.rebuildSummaries();
      expect(await sequence()).toEqual(before);
      await storage.close();
      await couch(url, 'DELETE', `/${database}`);
    });
  });
});
