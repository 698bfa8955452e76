import { createClient, ClickHouseLogLevel } from '@clickhouse/client';
import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { sumRoutes, sumStatuses, type UsageStorage } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newPlace } from '../../faults/databases.js';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { canStartServers, OwnServer } from './own-server.js';
import { clickHouse, dropPlace, tablesOf } from './places.js';

const HOOKS = [sumStatuses, sumRoutes];
const TIMEOUT = 120_000;
const START = Date.UTC(2026, 4, 30);
const RECORDS = makeRecords(300, (index) => ({
  date: new Date(START + index * 900_000),
  status: [200, 404, 500][index % 3]!,
}));
const SPAN = { startDate: RECORDS[3]!.date, endDate: RECORDS[250]!.date };

/** All that a storage can be asked, of records and of sums. */
async function answersOf(storage: UsageStorage) {
  const streamed: string[] = [];
  for await (const { id } of storage.streamUsage!({ where: { status: 500 } })) streamed.push(id);
  return {
    page: await storage.getUsage!({ ...SPAN, limit: 20, page: 2 }),
    slowest: await storage.getUsage!({ orderBy: { speed: 'desc' }, limit: 5 }),
    count: await storage.countUsage!({ where: { status: { gte: 400 } } }),
    streamed,
    sums: await storage.getSum!('status', { limit: 1000 }),
    ofSums: await storage.report!({ dimensions: ['status'], metrics: ['hits', 'p95'], ...SPAN }),
    ofRecords: await storage.report!({ dimensions: ['method'], interval: 'day', ...SPAN }),
    differences: await storage.verifySummaries!(),
  };
}

async function opened(storage: ClickHouseStorage): Promise<ClickHouseStorage> {
  await storage.open(contextOf(HOOKS));
  return storage;
}

describeWithServer('CLICKHOUSE', "The application's own client", (url) => {
  const database = newPlace();
  const place = newPlace();
  let client: ReturnType<typeof createClient>;

  beforeAll(async () => {
    client = createClient({
      url,
      database,
      // Of an application that has its own mind about them.
      clickhouse_settings: { async_insert: 1, wait_for_async_insert: 0, join_use_nulls: 1 },
      log: { level: ClickHouseLogLevel.OFF },
    });
    await clickHouse(url, `CREATE DATABASE ${database}`);
  });
  afterEach(() => dropPlace(url, place));
  afterAll(async () => {
    await client.close();
    await clickHouse(url, `DROP DATABASE ${database} SYNC`);
  });

  it(
    'serves in its own database, with its own settings, and stays open',
    { timeout: TIMEOUT },
    async () => {
      const tables = tablesOf(place);
      const own = await opened(new ClickHouseStorage({ client, hooks: HOOKS, ...tables }));
      const other = await opened(new ClickHouseStorage({ url, hooks: HOOKS, ...tables }));
      for (const storage of [own, other]) {
        await storage.store(RECORDS);
        await storage.store(RECORDS.slice(100));
      }
      expect(await answersOf(own)).toEqual(await answersOf(other));
      const count = await clickHouse(url, `SELECT uniqExact(id) FROM ${database}.${place}`);
      expect(Number(count)).toBe(RECORDS.length);
      expect(own.place()).toBe(`clickhouse ${new URL(url).origin} ${database}.${place}`);
      expect(other.place()).toBe(`clickhouse ${new URL(url).origin} default.${place}`);
      await own.close();
      await other.close();
      const result = await client.query({ query: 'SELECT 1', format: 'JSONCompactEachRow' });
      expect(await result.json()).toEqual([[1]]);
    },
  );

  it('is in the same place as the address and the name of its database', async () => {
    const credentials = new URL(url);
    credentials.username = 'default';
    const tables = tablesOf(place);
    const named = await opened(
      new ClickHouseStorage({ url: credentials.href, database, hooks: HOOKS, ...tables }),
    );
    const own = await opened(new ClickHouseStorage({ client, hooks: HOOKS, ...tables }));
    expect(own.place()).toBe(named.place());
    expect(own.place()).not.toContain('@');
    await own.close();
    await named.close();
    await clickHouse(url, `DROP TABLE ${database}.${place} SYNC`);
  });
});

const USERS = `
  <profiles><default/><reader><readonly>1</readonly></reader></profiles>
  <quotas><default/></quotas>
  <users>
    <default><password/><networks><ip>::/0</ip></networks>
      <profile>default</profile><quota>default</quota></default>
    <reader><password>secret</password><networks><ip>::/0</ip></networks>
      <profile>reader</profile><quota>default</quota></reader>
  </users>`;

describe.skipIf(!canStartServers)('A user of ClickHouse with readonly=1', () => {
  let server: OwnServer;

  beforeAll(async () => {
    [server] = (await OwnServer.make(1)) as [OwnServer];
    await server.start('', USERS);
  }, TIMEOUT);
  afterAll(() => server?.remove());

  it('reads everything, and is told that it cannot store', { timeout: TIMEOUT }, async () => {
    const tables = tablesOf('readable');
    const reader = { url: server.url, username: 'reader', password: 'secret', hooks: HOOKS };
    await expect(opened(new ClickHouseStorage({ ...reader, ...tables }))).rejects.toThrow(
      /are missing, and the user may not create them/,
    );
    const writing = await opened(
      new ClickHouseStorage({ url: server.url, hooks: HOOKS, ...tables }),
    );
    await writing.store(RECORDS);
    const reading = await opened(new ClickHouseStorage({ ...reader, ...tables }));
    expect(await answersOf(reading)).toEqual(await answersOf(writing));
    await expect(reading.store(RECORDS)).rejects.toThrow(/answered 164.*the user may only read/);
    await expect(reading.getUsage({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
      'no',
    );
    await reading.close();
    await writing.close();
  });
});
