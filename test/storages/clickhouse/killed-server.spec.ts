import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { StorageUnavailableError, sumBasic, sumStatuses } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countsOf, startDelivery } from '../../delivery/start-delivery.js';
import { contextOf } from '../../support/storage-context.js';
import { canStartServers, OwnServer } from './own-server.js';
import { clickHouse, countHours, tablesOf } from './places.js';

const HOOKS = [sumBasic, sumStatuses];
const START = Date.UTC(2026, 5, 1);
const KILLS = 5;
const BATCH = 2000;
const TIMEOUT = 300_000;

describe.skipIf(!canStartServers)('A server of ClickHouse that is killed', () => {
  let server: OwnServer;

  beforeAll(async () => {
    [server] = (await OwnServer.make(1)) as [OwnServer];
    await server.start();
  }, TIMEOUT);
  afterAll(() => server?.remove());

  async function open(place: string) {
    const storage = new ClickHouseStorage({ url: server.url, hooks: HOOKS, ...tablesOf(place) });
    await storage.open(contextOf(HOOKS));
    return storage;
  }

  it(
    'while records are stored and hours are counted loses and doubles none of them',
    { timeout: TIMEOUT },
    async () => {
      const storage = await open('killed');
      const { delivery } = startDelivery([Object.assign(storage, { options: {} })]);
      const records = makeRecords(KILLS * BATCH, (index) => ({
        date: new Date(START + index * 60_000),
        status: 200 + (index % 5) * 100,
      }));
      for (let kill = 0; kill < KILLS; kill++) {
        const part = records.slice(kill * BATCH, (kill + 1) * BATCH);
        for (const record of part) delivery.record(record, null);
        const counting = countHours(storage).catch((error: unknown) => error as Error);
        // At another place of the work each time.
        const tables = `SELECT count() FROM system.parts WHERE table = 'killed'`;
        await clickHouse(server.url, kill % 2 === 0 ? 'SELECT 1' : tables);
        await server.kill();
        expect([true, false]).toContain((await counting) === true);
        await server.start();
      }
      expect(await delivery.flush(120_000)).toBe(true);
      expect(countsOf(delivery, storage)).toMatchObject({ stored: records.length, dropped: {} });
      expect(await storage.countUsage()).toBe(records.length);
      expect(await storage.verifySummaries()).toEqual([]);
      await delivery.shutdown();
    },
  );

  it(
    'is told as an outage, and its storage goes on when it is back',
    { timeout: TIMEOUT },
    async () => {
      const storage = await open('outage');
      await storage.store(makeRecords(10));
      await server.kill();
      await expect(storage.store(makeRecords(10))).rejects.toThrow(StorageUnavailableError);
      await expect(storage.countUsage()).rejects.toThrow(
        /cannot be reached.*Check that the address/,
      );
      await server.start();
      await storage.store(makeRecords(10));
      expect(await storage.countUsage()).toBe(20);
      await storage.close();
    },
  );
});
