import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import type { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server-core';
import { sumStatuses, sumUrls, type UsageRecord } from 'nestjs-track-usage';
import { MongoStorage } from 'nestjs-track-usage/mongo';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bruteForce, KEYS, totalsOf } from '../../support/contract-parts.js';
import { makeRecords } from 'nestjs-track-usage/testing';
import { countsOf, startDelivery } from '../../delivery/start-delivery.js';
import { contextOf } from '../../support/storage-context.js';
import { describeWithMongod, startReplicaSet, startStandalone } from './own-servers.js';

const HOOKS = [sumUrls, sumStatuses];
const LOSSES = process.env['CI'] === 'true' ? 3 : 1;
const PER_SECOND = 1000;

describeWithMongod('A replica set of three that loses its primary', () => {
  let servers: MongoMemoryReplSet;
  beforeAll(async () => {
    servers = await startReplicaSet(3);
  }, 60_000);
  afterAll(() => servers.stop(), 60_000);

  it('loses no record and counts none twice', { timeout: 120_000 }, async () => {
    const uri = servers.getUri('usage');
    const storage = await opened(uri);
    const { delivery } = startDelivery([storage], { batchSize: 500, flushInterval: 200 });
    const sent: UsageRecord[] = [];
    let isSending = true;
    const sending = (async () => {
      for (const start = performance.now(); isSending; await pause(20)) {
        const due = ((performance.now() - start) / 1000) * PER_SECOND - sent.length;
        for (const record of traffic(Math.floor(due), sent.length)) {
          sent.push(record);
          delivery.record(record, null);
        }
      }
    })();

    for (let loss = 0; loss < LOSSES; loss++) {
      const before = countsOf(delivery, storage).stored;
      await expect
        .poll(() => countsOf(delivery, storage).stored, WAIT)
        .toBeGreaterThan(before + 700);
      const server = await primaryOf(servers);
      const { port, dbPath, storageEngine } = server.instanceInfo!;
      server.instanceInfo!.instance.mongodProcess!.kill('SIGKILL');
      await expect.poll(() => isAnotherPrimary(uri, port), WAIT).toBe(true);
      // The killed one comes back, with what it has kept, as one of three.
      await restart(servers, server, { port, dbPath, storageEngine });
    }
    isSending = false;
    await sending;
    expect(await delivery.flush(60_000)).toBe(true);
    expect(countsOf(delivery, storage).dropped).toEqual({});
    await expectExact(storage, sent);
    await storage.close();
  });
});

describeWithMongod('A standalone server', () => {
  let server: MongoMemoryServer;
  beforeAll(async () => {
    server = await startStandalone();
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  }, 60_000);

  it('counts each record once without transactions', async () => {
    const storage = await opened(server.getUri('usage'));
    const other = await opened(server.getUri('usage'));
    const records = traffic(1500, 0);
    await Promise.all([
      storage.store(records.slice(0, 900)),
      other.store(records.slice(600, 1500)),
    ]);
    await storage.store(records.slice(300, 700));
    await expectExact(storage, records);
    await storage.rebuildSummaries();
    await expectExact(other, records);
    await storage.close();
    await other.close();
  });
});

const WAIT = { timeout: 40_000, interval: 50 };

async function opened(uri: string): Promise<MongoStorage> {
  const storage = new MongoStorage({ uri, hooks: HOOKS });
  await storage.open(contextOf(HOOKS, { maxKeys: 1000 }));
  return storage;
}

function traffic(count: number, from: number): UsageRecord[] {
  return makeRecords(count, (index) => ({
    date: new Date(Date.UTC(2026, 5, 15, 12) + (from + index) * 10),
    url: `http://shop.example/${(from + index) % 40}`,
    status: [200, 200, 404, 500][(from + index) % 4]!,
  }));
}

async function expectExact(storage: MongoStorage, records: readonly UsageRecord[]): Promise<void> {
  expect(await storage.countUsage()).toBe(records.length);
  for (const dimension of ['url', 'status']) {
    const sums = await storage.getSum(dimension, { limit: 100_000 });
    for (const period of ['hour', 'day', 'month'] as const)
      expect(totalsOf(sums[period])).toEqual(bruteForce(records, KEYS[dimension]!, period));
  }
  expect(await storage.verifySummaries()).toEqual([]);
}

async function primaryOf(servers: MongoMemoryReplSet): Promise<MongoMemoryServer> {
  const client = await new MongoClient(servers.getUri()).connect();
  const { primary } = await client.db('admin').command({ hello: 1 });
  await client.close();
  const port = Number(String(primary).split(':')[1]);
  return servers.servers.find(({ instanceInfo }) => instanceInfo?.port === port)!;
}

async function isAnotherPrimary(uri: string, lostPort: number): Promise<boolean> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 500 });
  try {
    const { primary } = await client.db('admin').command({ hello: 1 });
    return typeof primary === 'string' && !primary.endsWith(`:${lostPort}`);
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

async function restart(
  servers: MongoMemoryReplSet,
  server: MongoMemoryServer,
  { port, dbPath, storageEngine }: { port: number; dbPath: string; storageEngine: string },
): Promise<void> {
  const replSet = servers.replSetOpts.name;
  const { MongoMemoryServer: Server } = await import('mongodb-memory-server-core');
  const again = await Server.create({
    instance: { port, dbPath, replSet, storageEngine: storageEngine as 'wiredTiger' },
  });
  servers.servers.splice(servers.servers.indexOf(server), 1, again);
}
