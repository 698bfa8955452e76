import { MongoClient } from 'mongodb';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import { MongoStorage } from 'nestjs-track-usage/mongo';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sumStatuses } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { contextOf } from '../../support/storage-context.js';
import { describeWithMongod, startStandalone } from './own-servers.js';

const DAY = 86_400_000;
const daysAgo = (days: number) => new Date(Date.now() - days * DAY);

describeWithMongod('TTL indexes of MongoStorage', () => {
  let server: MongoMemoryServer;
  beforeAll(async () => {
    // It looks for what is old each second, not each minute.
    server = await startStandalone(['--setParameter', 'ttlMonitorSleepSecs=1']);
  });
  afterAll(() => server?.stop());

  it('have the server delete the records and the rows of a period that are too old, and no others', async () => {
    const uri = server.getUri('usage');
    const storage = new MongoStorage({ uri, ttl: { records: '90d', hour: '60d' } });
    await storage.open(contextOf([sumStatuses], { maxKeys: 100 }));
    const [old, between, recent] = [200, 75, 1].map((days) => makeRecord({ date: daysAgo(days) }));
    await storage.store([old!, between!, recent!]);

    const client = await new MongoClient(uri).connect();
    const indexes = await client.db().collection('usage_records').indexes();
    expect(indexes.find(({ name }) => name === 'usage_ttl_records')).toMatchObject({
      key: { date: 1 },
      expireAfterSeconds: (90 * DAY) / 1000,
    });
    await client.close();

    await vi.waitUntil(
      async () =>
        (await storage.countUsage()) === 2 && (await storage.getSum('status')).hour.length === 1,
      { timeout: 20_000, interval: 100 },
    );
    expect(await storage.getUsage()).toEqual([recent, between]);
    const { hour, day } = await storage.getSum('status');
    expect(hour.map(({ date }) => date.getTime())).toEqual([
      Math.floor(recent!.date.getTime() / 3_600_000) * 3_600_000,
    ]);
    expect(day).toHaveLength(3);
    await storage.close();
  });
});
