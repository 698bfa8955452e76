import { ClickHouseLogLevel, createClient, type ClickHouseClient } from '@clickhouse/client';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { MongoClient, type Collection, type Db } from 'mongodb';
import {
  MemoryStorage,
  SqliteStorage,
  sumStatuses,
  sumUrls,
  type QueryLimits,
  type UsageQuery,
  type UsageStorage,
} from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { CouchDbStorage } from 'nestjs-track-usage/couchdb';
import { MongoPiggybackStorage } from 'nestjs-track-usage/mongo';
import { RedisStorage } from 'nestjs-track-usage/redis';
import type { BaseStorageParts } from '../../lib/storages/base/base-storage.js';
import { createStorage, databases, newPlace } from '../faults/databases.js';
import { describeWithServer } from '../support/servers.js';
import { contextOf } from '../support/storage-context.js';
import {
  clickHouse,
  dropPlace as dropClickHouse,
  tablesOf as clickHouseTables,
} from './clickhouse/places.js';
import { couch } from './couchdb/places.js';
import { StallingProxy } from './couchdb/stalling-proxy.js';
import { dropPlace as dropCollections } from './mongo/places.js';
import { removeKeys } from './redis/places.js';
import { dropPlace, isMysql, SQL_SERVERS, tablesOf } from './sql/places.js';
import { connectionsRunning } from './sql/statements.js';

const hooks = [sumStatuses];
const CONTEXT = contextOf(hooks);

type Reading = 'getUsage' | 'countUsage' | 'streamUsage' | 'getSum' | 'report';
const OF_RECORDS: readonly Reading[] = ['getUsage', 'countUsage', 'streamUsage'];
const OF_SUMS: readonly Reading[] = ['getSum', 'report'];
const READINGS = [...OF_RECORDS, ...OF_SUMS];

async function read(storage: UsageStorage, how: Reading, end: QueryLimits): Promise<unknown> {
  switch (how) {
    case 'getSum':
      return storage.getSum!('status', end);
    case 'report':
      return storage.report!({ dimensions: ['status'], ...MAY, ...end });
    case 'streamUsage':
      for await (const _ of storage.streamUsage!(end));
      return null;
    default:
      return storage[how]!(end);
  }
}

/** Whole months, which sums alone answer for. */
const MAY = {
  startDate: new Date(Date.UTC(2026, 4, 1)),
  endDate: new Date(Date.UTC(2026, 6, 1) - 1),
};

async function condition(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error('It did not come true.');
    await delay(20);
  }
}

describe('A query that is over', () => {
  for (const database of databases) {
    const { name, server: needed } = database;
    const on = (url: string) =>
      it(`rejects at once, and the storage goes on, on ${name}`, { timeout: 240_000 }, async () => {
        const place = newPlace();
        const storage = createStorage(database.recipe(url, place), { hooks });
        try {
          await storage.open!(CONTEXT);
          await storage.store(makeRecords(1200));
          const reason = new Error('enough');
          for (const how of READINGS) {
            await expect(read(storage, how, { signal: AbortSignal.abort(reason) })).rejects.toBe(
              reason,
            );
            const signal = new AbortController().signal;
            await read(storage, how, { signal, timeout: 60_000 });
          }
          const { totals } = await storage.report!({ timeout: 60_000 });
          expect(totals).toEqual({ hits: 1200 });
          const none = await storage.report!({ last: '1m', timeout: 60_000 });
          expect(none.totals).toEqual({ hits: 0 });
          const controller = new AbortController();
          const stream = storage.streamUsage!({ signal: controller.signal })[
            Symbol.asyncIterator
          ]();
          await stream.next();
          controller.abort(reason);
          await expect(stream.next()).rejects.toBe(reason);
          expect(await storage.countUsage!()).toBe(1200);
        } finally {
          await storage.close!();
          await database.remove(url, place);
        }
      });
    if (needed) describeWithServer(needed, 'on a server', on);
    else on('');
  }

  it('rejects with a TimeoutError after its time', async () => {
    const storage = new SqliteStorage({ database: ':memory:' });
    await storage.open(CONTEXT);
    for (let part = 0; part < 40; part++) await storage.store(makeRecords(2500));
    const where = { 'trackVar.a': { startsWith: 'x' } };
    await expect(storage.countUsage({ where, timeout: 1 })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(await storage.countUsage({ timeout: 60_000 })).toBe(100_000);
    await storage.close();
  });

  it('refuses what is no signal and no time', async () => {
    const storage = new MemoryStorage();
    for (const query of [{ signal: {} }, { timeout: 0 }, { timeout: 1.5 }, { timeout: '9' }])
      await expect(storage.getUsage(query as UsageQuery)).rejects.toMatchObject({
        name: 'UsageQueryError',
        field: Object.keys(query)[0],
      });
  });
});

// A view in the table's place makes each statement sleep.
/** What each record has to be read for. */
const NOWHERE = { path: { contains: 'nowhere' } };

/** A server passes over a statement that it has not begun when it is told to end it. */
function losesEverySecondCancel(dataSource: DataSource): void {
  const create = dataSource.createQueryRunner.bind(dataSource);
  let cancels = 0;
  dataSource.createQueryRunner = (...given) => {
    const runner = create(...given);
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
    runner.query = ((...args: unknown[]) =>
      /kill query|pg_cancel_backend/.test(String(args[0])) && cancels++ % 2 === 0
        ? Promise.resolve({ records: [], affected: 0 })
        : query(...args)) as typeof runner.query;
    return runner;
  };
}

describe('A statement that is ended', () => {
  for (const [name, connection] of SQL_SERVERS) {
    if (!connection) continue;
    it(`is gone from the processes of ${name}`, { timeout: 240_000 }, async () => {
      const place = newPlace();
      const { recordTable, summaryTable } = tablesOf(place);
      const tables = [recordTable, summaryTable];
      const dataSource = await new DataSource(connection).initialize();
      losesEverySecondCancel(dataSource);
      const storage = new SqlStorage({ dataSource, hooks, ...tablesOf(place) });
      try {
        await storage.open(CONTEXT);
        await storage.store(makeRecords(3));
        for (const table of tables) {
          await dataSource.query(`alter table ${table} rename to ${table}_b`);
          await dataSource.query(slowView(connection, table));
        }
        for (const how of READINGS) {
          const table = OF_SUMS.includes(how) ? summaryTable : recordTable;
          const isRunning = async () => (await running(dataSource, table)) > 0;
          const isOver = async () => !(await isRunning());
          const controller = new AbortController();
          const reading = read(storage, how, { signal: controller.signal });
          const failed = expect(reading).rejects.toThrow('enough');
          await condition(isRunning);
          controller.abort(new Error('enough'));
          await failed;
          await condition(isOver);
          await expect(read(storage, how, { timeout: 50 })).rejects.toMatchObject({
            name: 'TimeoutError',
          });
          await condition(isOver);
        }
        // The application's connections are as they were.
        await Promise.all(Array.from({ length: 10 }, () => dataSource.query('select 1')));
      } finally {
        for (const table of tables) {
          await dataSource.query(`drop view if exists ${table}`);
          await dataSource.query(`drop table if exists ${table}_b`);
        }
        await dropPlace(dataSource, place);
        await dataSource.destroy();
      }
    });
  }

  describeWithServer('MONGODB', 'on a server', (url) => {
    it('is gone from the operations of MongoDB', { timeout: 240_000 }, async () => {
      const client = await new MongoClient(url).connect();
      const place = newPlace();
      const [records, sums] = [client.db().collection(place), client.db().collection(`${place}_s`)];
      const storage = new MongoPiggybackStorage({
        db: slowDatabase(client.db(), [place, `${place}_s`]),
        collectionName: place,
        summaryCollection: `${place}_s`,
        hooks,
      });
      // A statement that is ended may leave a cursor, which does nothing until the server drops it.
      const operations = () => operationsOn(client, [records, sums], false);
      try {
        await storage.open(CONTEXT);
        await storage.store(makeRecords(600));
        isSlow = true;
        for (const how of READINGS) {
          const controller = new AbortController();
          const reading = read(storage, how, { signal: controller.signal });
          const failed = expect(reading, how).rejects.toThrow('enough');
          await condition(async () => (await operations()) > 0);
          controller.abort(new Error('enough'));
          await failed;
          await condition(async () => (await operations()) === 0);
        }
      } finally {
        isSlow = false;
        await storage.close();
        await dropCollections(client.db(), place);
        await client.close();
      }
    });

    it('leaves no cursor open in MongoDB', { timeout: 240_000 }, async () => {
      const client = await new MongoClient(url).connect();
      const place = newPlace();
      const [records, sums] = [client.db().collection(place), client.db().collection(`${place}_s`)];
      const storage = new MongoPiggybackStorage({
        collection: records,
        summaryCollection: `${place}_s`,
        hooks: [sumUrls],
      });
      try {
        await storage.open(contextOf([sumUrls]));
        await storage.store(makeRecords(2000));
        // The reader of a stream may stop at any record, and a report at any row of sums.
        for await (const _ of storage.streamUsage()) break;
        const { sums: sumReader } = (storage as unknown as { use(): BaseStorageParts }).use();
        const scan = { dimension: 'url', period: 'day', withLatency: true } as const;
        const ranges = [{ first: null, last: null }];
        let cursors = 0;
        for await (const _ of sumReader.scan({ ...scan, ranges })) {
          cursors = await operationsOn(client, [records, sums]);
          break;
        }
        expect(cursors).toBe(1);
        await condition(async () => (await operationsOn(client, [records, sums])) === 0);
      } finally {
        await storage.close();
        await dropCollections(client.db(), place);
        await client.close();
      }
    });
  });

  describeWithServer('CLICKHOUSE', 'on a server', (url) => {
    it('is gone from the processes of ClickHouse', { timeout: 240_000 }, async () => {
      const place = newPlace();
      const client = createClient({ url, log: { level: ClickHouseLogLevel.OFF } });
      const storage = new ClickHouseStorage({
        client: slowClickHouse(client, place),
        hooks,
        ...clickHouseTables(place),
      });
      const running = async () =>
        Number(
          await clickHouse(
            url,
            `SELECT count() FROM system.processes WHERE position(query, '${place}') > 0 ` +
              "AND position(query, 'sleepEachRow') > 0 AND query NOT LIKE '%system.processes%'",
          ),
        );
      try {
        await storage.open(CONTEXT);
        await storage.store(makeRecords(3));
        isSlow = true;
        for (const how of READINGS) {
          const controller = new AbortController();
          const reading = read(storage, how, { signal: controller.signal });
          const failed = expect(reading, how).rejects.toThrow('enough');
          await condition(async () => (await running()) > 0);
          controller.abort(new Error('enough'));
          await failed;
          await condition(async () => (await running()) === 0);
          await expect(read(storage, how, { timeout: 300 }), how).rejects.toMatchObject({
            name: 'TimeoutError',
          });
          await condition(async () => (await running()) === 0);
        }
      } finally {
        isSlow = false;
        await storage.close();
        await client.close();
        await dropClickHouse(url, place);
      }
    });
  });

  describeWithServer('COUCHDB', 'on a server', (url) => {
    it('is no longer asked of CouchDB', { timeout: 240_000 }, async () => {
      const place = newPlace();
      const proxy = await StallingProxy.start(url);
      const storage = new CouchDbStorage({ url: proxy.url, database: place, hooks });
      try {
        await storage.open(CONTEXT);
        await storage.store(makeRecords(3));
        proxy.stalls = true;
        for (const how of READINGS) {
          const controller = new AbortController();
          const reading = read(storage, how, { signal: controller.signal });
          const failed = expect(reading, how).rejects.toThrow('enough');
          await condition(async () => proxy.waiting > 0);
          controller.abort(new Error('enough'));
          await failed;
          await condition(async () => proxy.waiting === 0);
        }
        proxy.stalls = false;
        expect(await storage.countUsage()).toBe(3);
      } finally {
        await storage.close();
        await proxy.close();
        await couch(url, 'DELETE', `/${place}`);
      }
    });
  });

  describeWithServer('REDIS', 'on a server', (url) => {
    it('asks Redis nothing more', { timeout: 240_000 }, async () => {
      const client = new Redis(url);
      const place = newPlace();
      const controllers: AbortController[] = [];
      let asked = 0;
      // Ends the query while its first script is under way.
      const watched = new Proxy(client, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key);
          if (key !== 'eval' && key !== 'evalsha') return value;
          return (...args: unknown[]) => {
            asked++;
            controllers.shift()?.abort(new Error('enough'));
            return (value as (...args: unknown[]) => unknown).apply(target, args);
          };
        },
      });
      const storage = new RedisStorage({ client: watched, keyPrefix: place, hooks: [sumUrls] });
      try {
        await storage.open(contextOf([sumUrls]));
        await storage.store(makeRecords(1200));
        const reads: Record<string, (signal: AbortSignal) => Promise<unknown>> = {
          getUsage: (signal) => storage.getUsage({ signal, where: NOWHERE }),
          countUsage: (signal) => storage.countUsage({ signal, where: NOWHERE }),
          getSum: (signal) => storage.getSum('url', { signal, order: 'hits' }),
          report: (signal) => storage.report({ signal, dimensions: ['url'], ...MAY }),
        };
        for (const [how, ask] of Object.entries(reads)) {
          const controller = new AbortController();
          controllers.push(controller);
          await expect(ask(controller.signal), how).rejects.toThrow('enough');
          const before = asked;
          // What it would ask next comes with the answer, which is before this one.
          for (let turns = 0; turns < 20; turns++) await client.ping();
          expect(asked, how).toBe(before);
          expect(controllers).toEqual([]);
          const controllerOfAll = new AbortController();
          await ask(controllerOfAll.signal);
          expect(asked - before, how).toBeGreaterThan(1);
        }
      } finally {
        await storage.close();
        await removeKeys(client, place);
        await client.quit();
      }
    });
  });
});

let isSlow = false;

/** A database with collections that take a minute for each document, while `isSlow`. */
function slowDatabase(db: Db, names: readonly string[]): Db {
  const collection = (name: string) =>
    names.includes(name) ? slowCollection(db.collection(name)) : db.collection(name);
  return new Proxy(db, {
    get(target, key) {
      if (key === 'collection') return collection;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function slowCollection(collection: Collection): Collection {
  // The server looks whether somebody still waits when it goes on to another document.
  const slowly = [
    { $addFields: { part: { $range: [0, 6000] } } },
    { $unwind: '$part' },
    {
      $match: {
        $expr: {
          $function: { body: 'function () { sleep(10); return true; }', args: [], lang: 'js' },
        },
      },
    },
  ];
  const slow = {
    find: (filter: object, options: object) =>
      collection.find({ ...filter, $where: 'sleep(200) || true' }, options),
    countDocuments: (_filter: object, options: object) =>
      collection.aggregate(slowly, options).toArray(),
    aggregate: (pipeline: object[], options: object) =>
      collection.aggregate([...slowly, ...pipeline], options),
  };
  return new Proxy(collection, {
    get(target, key) {
      if (isSlow && key in slow) return slow[key as keyof typeof slow];
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** How many operations and open cursors there are on some collections. */
async function operationsOn(
  client: MongoClient,
  collections: Collection[],
  idleCursors = true,
): Promise<number> {
  const names = collections.map(({ namespace }) => namespace);
  const found = await client
    .db('admin')
    .aggregate([{ $currentOp: { idleCursors } }, { $match: { ns: { $in: names } } }])
    .toArray();
  return found.length;
}

/** A client whose reading of records takes minutes, while `isSlow`. */
function slowClickHouse(client: ClickHouseClient, place: string): ClickHouseClient {
  const slowly = (sql: string) =>
    `SELECT * FROM (${sql}) AS found CROSS JOIN numbers(1000000) AS n ` +
    'WHERE sleepEachRow(0.01) = 0 SETTINGS max_block_size = 10';
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      if (key !== 'query' || !isSlow) return value.bind(target) as unknown;
      return (params: { query: string }) =>
        client.query(
          params.query.includes(`\`${place}\``)
            ? { ...params, query: slowly(params.query) }
            : params,
        );
    },
  });
}

function slowView(connection: DataSourceOptions, table: string): string {
  return isMysql(connection)
    ? `create view ${table} as select b.* from ${table}_b b where sleep(60) = 0`
    : `create view ${table} as select b.* from ${table}_b b where pg_sleep(60) is not null`;
}

/** How many statements read the view now. */
async function running(dataSource: DataSource, view: string): Promise<number> {
  if (isMysql(dataSource.options)) return (await connectionsRunning(dataSource, view)).length;
  // It shows the beginning of a statement alone, which does not name the view.
  const sql =
    'select distinct pid from pg_locks where relation = to_regclass($1) and pid <> pg_backend_pid()';
  return (await dataSource.query<unknown[]>(sql, [view])).length;
}
