import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { SqlStorage, type SqlStorageOptions } from 'nestjs-track-usage/sql';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { type UsageRecord, sumBasic, sumRoutes } from 'nestjs-track-usage';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { contextOf } from '../../support/storage-context.js';
import { temporaryFolder } from './places.js';

const folder = temporaryFolder();
afterAll(() => folder.remove());
const hooks = [...sumBasic, sumRoutes];
const MONTH = { startDate: new Date('2026-01-01'), endDate: new Date('2026-01-31T23:59:59Z') };

let files = 0;
const newFile = () => join(folder.path, `${++files}.sqlite`);
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closing.splice(0).reverse()) await close();
});

async function opened(options: SqlStorageOptions): Promise<SqlStorage> {
  const storage = new SqlStorage({ ...options, hooks });
  await storage.open(contextOf(hooks, { maxKeys: 1000 }));
  closing.push(() => storage.close());
  return storage;
}

async function applicationsOwn(enableWAL: boolean, database = newFile()): Promise<DataSource> {
  const dataSource = new DataSource({ type: 'better-sqlite3', database, enableWAL });
  await dataSource.initialize();
  closing.push(() => dataSource.destroy());
  return dataSource;
}

/** Over all of January, of which every hundredth is Ada's. */
function traffic(count: number): UsageRecord[] {
  const step = (MONTH.endDate.getTime() - MONTH.startDate.getTime()) / count;
  return Array.from({ length: count }, (_, at) =>
    makeRecord({
      date: new Date(MONTH.startDate.getTime() + Math.floor(at * step)),
      url: `http://shop.example/cats/${at % 50}`,
      remoteAddr: `203.0.113.${at % 100}`,
      username: at % 100 === 0 ? 'ada' : null,
    }),
  );
}

async function fill(storage: SqlStorage, count: number): Promise<UsageRecord[]> {
  const records = traffic(count);
  for (let at = 0; at < count; at += 500) await storage.store(records.slice(at, at + 500));
  return records;
}

async function idsOf(records: AsyncIterable<UsageRecord>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of records) ids.push(id);
  return ids;
}

/** All that reads, each with how many it finds in 3,000 records. */
const READING: [string, (storage: SqlStorage) => Promise<number>, number][] = [
  ['streamUsage', async (storage) => (await idsOf(storage.streamUsage())).length, 3000],
  ['a page', async (storage) => (await storage.getUsage({ limit: 700, page: 2 })).length, 700],
  ['a count', (storage) => storage.countUsage(), 3000],
  ['a count by address', (s) => s.countUsage({ where: { remoteAddr: '203.0.113.7' } }), 30],
  ['sums', async (storage) => (await storage.getSum('url', MONTH)).month.length, 50],
  ['verifySummaries', async (storage) => (await storage.verifySummaries()).length, 0],
];

describe('Reading from SQLite', () => {
  it('leaves the thread of the application to it, on a file of the storage', async () => {
    const storage = await opened({ database: newFile() });
    await fill(storage, 3000);
    const prepared = vi.spyOn(Database.prototype, 'prepare');
    for (const [name, read, found] of READING) expect(await read(storage), name).toBe(found);
    await storage.rebuildSummaries();
    expect(await storage.forget({ remoteAddr: '203.0.113.7' })).toBe(30);
    await storage.prune({ records: new Date('2026-01-16') });
    expect(await storage.verifySummaries()).toEqual([]);
    expect(prepared).not.toHaveBeenCalled();
  });

  it("goes over a connection of its own where the application's file is in WAL mode", async () => {
    const dataSource = await applicationsOwn(true);
    const storage = await opened({ dataSource });
    await fill(storage, 3000);
    const own = (dataSource.driver as unknown as { databaseConnection: Database.Database })
      .databaseConnection;
    const prepared = vi.spyOn(own, 'prepare');
    for (const [name, read, found] of READING) expect(await read(storage), name).toBe(found);
    expect(prepared).not.toHaveBeenCalled();
  });

  it.each([
    ['a file of the storage', async () => ({ database: newFile() })],
    ["the application's in WAL mode", async () => ({ dataSource: await applicationsOwn(true) })],
    ["the application's", async () => ({ dataSource: await applicationsOwn(false) })],
    ['memory', async () => ({ database: ':memory:' })],
  ])('gives others their turns, on %s', async (_place, optionsOf) => {
    const storage = await opened(await optionsOf());
    await fill(storage, 6000);
    const WORK: [string, () => Promise<unknown>][] = [
      ['stream', () => idsOf(storage.streamUsage())],
      ['count', () => storage.countUsage({ where: { remoteAddr: '203.0.113.7' } })],
      ['page', () => storage.getUsage({ limit: 6000 })],
      ['sums', () => storage.getSum('remote', { ...MONTH, limit: 6000 })],
      ['verify', () => storage.verifySummaries()],
      ['forget', () => storage.forget({ remoteAddr: '203.0.113.7' })],
      ['rebuild', () => storage.rebuildSummaries()],
      ['prune', () => storage.prune({ records: new Date('2026-01-20') })],
    ];
    for (const [name, work] of WORK) {
      const start = performance.now();
      const working = { is: true };
      const done = work().finally(() => (working.is = false));
      let turns = 0;
      for (; working.is; turns++) await turn();
      await done;
      // In one piece it would have been one turn, or a few, however long it takes.
      expect(turns, name).toBeGreaterThan((performance.now() - start) / 50);
    }
  });

  it.each([
    ['a file of the storage', async () => ({ database: newFile() })],
    ["the application's in WAL mode", async () => ({ dataSource: await applicationsOwn(true) })],
    ["the application's", async () => ({ dataSource: await applicationsOwn(false) })],
    ['memory', async () => ({ database: ':memory:' })],
  ])(
    'finds each record once and every sum right while others write, on %s',
    async (_, optionsOf) => {
      const storage = await opened(await optionsOf());
      const records = await fill(storage, 3000);
      const writing = (async () => {
        for (let at = 0; at < 10; at++) await storage.store(makeRecords(50));
      })();
      const [ids, differences] = await Promise.all([
        idsOf(storage.streamUsage(MONTH)),
        storage.verifySummaries(),
        storage.rebuildSummaries(),
      ]);
      await writing;
      expect(differences).toEqual([]);
      const expected = records.map(({ id, date }) => ({ id, date: date.getTime() }));
      expected.sort((a, b) => b.date - a.date || (a.id < b.id ? 1 : -1));
      expect(ids).toEqual(expected.map(({ id }) => id));
      expect(await storage.countUsage()).toBe(3500);
      expect(await storage.verifySummaries()).toEqual([]);
    },
  );

  it("rebuilds right while another process's connection writes to the same file", async () => {
    const file = newFile();
    const storage = await opened({ dataSource: await applicationsOwn(false, file) });
    const other = await opened({ dataSource: await applicationsOwn(false, file) });
    await fill(storage, 3000);
    let isDone = false;
    const writing = (async () => {
      for (; !isDone; await turn()) await other.store(makeRecords(20));
    })();
    await storage.rebuildSummaries();
    await storage.forget({ username: 'ada' });
    isDone = true;
    await writing;
    expect(await storage.countUsage({ where: { username: 'ada' } })).toBe(0);
    expect(await storage.verifySummaries()).toEqual([]);
  });

  it('ends cleanly when the storage is closed meanwhile', async () => {
    const storage = await opened({ database: newFile() });
    await fill(storage, 3000);
    const outcomes = Promise.allSettled([
      idsOf(storage.streamUsage()),
      storage.getUsage({ limit: 3000 }),
      storage.countUsage(),
      storage.verifySummaries(),
      storage.rebuildSummaries(),
    ]);
    await turn();
    await storage.close();
    for (const outcome of await outcomes)
      if (outcome.status === 'rejected')
        expect(outcome.reason).toHaveProperty('message', expect.stringMatching(/closed|ended/));
  });

  it('fails when its thread dies, and works again with the next one', async () => {
    const storage = await opened({ database: newFile() });
    await storage.store(makeRecords(1000));
    const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementationOnce(function (
      this: Worker,
    ) {
      void this.terminate();
    });
    await expect(storage.countUsage()).rejects.toThrow('thread');
    post.mockRestore();
    expect(await storage.countUsage()).toBe(1000);
  });

  it('lets go of what it has read when nobody wants more of it', async () => {
    const storage = await opened({ database: newFile() });
    await storage.store(makeRecords(1000));
    for await (const record of storage.streamUsage()) {
      expect(record.date).toBeInstanceOf(Date);
      break;
    }
    expect(await storage.prune({ records: new Date('2027-01-01') })).toMatchObject({
      records: 1000,
    });
  });
});
