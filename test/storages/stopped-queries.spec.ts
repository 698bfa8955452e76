import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import {
  MemoryStorage,
  SqliteStorage,
  type UsageQuery,
  type UsageStorage,
} from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { MongoPiggybackStorage } from 'nestjs-track-usage/mongo';
import { createStorage, databases, newPlace } from '../faults/databases.js';
import { describeWithServer } from '../support/servers.js';
import { dropPlace as dropCollections } from './mongo/places.js';
import { dropPlace, isMysql, SQL_SERVERS, tablesOf } from './sql/places.js';
import { connectionsRunning } from './sql/statements.js';

const CONTEXT = {
  logger: { log() {}, warn() {}, error() {} },
  summaries: [],
  timeZone: 'UTC',
  maxKeys: 100,
};

type Reading = 'getUsage' | 'countUsage' | 'streamUsage';
const READINGS: readonly Reading[] = ['getUsage', 'countUsage', 'streamUsage'];

async function read(storage: UsageStorage, how: Reading, query: UsageQuery): Promise<unknown> {
  if (how !== 'streamUsage') return storage[how]!(query);
  for await (const _ of storage.streamUsage!(query));
  return null;
}

async function condition(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isTrue()); tries++) {
    if (tries > 200) throw new Error('It did not come true.');
    await delay(20);
  }
}

describe('A query that is over', () => {
  for (const database of databases) {
    const { name, server: needed } = database;
    const on = (url: string) =>
      it(`rejects at once, and the storage goes on, on ${name}`, { timeout: 120_000 }, async () => {
        const place = newPlace();
        const storage = createStorage(database.recipe(url, place), {});
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
          await expect(storage.report!({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
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
describe('A statement that is ended', () => {
  for (const [name, connection] of SQL_SERVERS) {
    if (!connection) continue;
    it(`is gone from the processes of ${name}`, { timeout: 120_000 }, async () => {
      const place = newPlace();
      const { recordTable } = tablesOf(place);
      const dataSource = await new DataSource(connection).initialize();
      const storage = new SqlStorage({ dataSource, ...tablesOf(place) });
      try {
        await storage.open(CONTEXT);
        await storage.store(makeRecords(3));
        await dataSource.query(`alter table ${recordTable} rename to ${recordTable}_b`);
        await dataSource.query(slowView(connection, recordTable));
        for (const how of READINGS) {
          const controller = new AbortController();
          const reading = read(storage, how, { signal: controller.signal });
          const failed = expect(reading).rejects.toThrow('enough');
          await condition(async () => (await running(dataSource, recordTable)) === 1);
          controller.abort(new Error('enough'));
          await failed;
          await condition(async () => (await running(dataSource, recordTable)) === 0);
          await expect(read(storage, how, { timeout: 50 })).rejects.toMatchObject({
            name: 'TimeoutError',
          });
          await condition(async () => (await running(dataSource, recordTable)) === 0);
        }
        // The application's connections are as they were.
        await Promise.all(Array.from({ length: 10 }, () => dataSource.query('select 1')));
      } finally {
        await dataSource.query(`drop view if exists ${recordTable}`);
        await dataSource.query(`drop table if exists ${recordTable}_b`);
        await dropPlace(dataSource, place);
        await dataSource.destroy();
      }
    });
  }

  describeWithServer('MONGODB', 'on a server', (url) => {
    it('is gone from the operations of MongoDB', { timeout: 120_000 }, async () => {
      const client = await new MongoClient(url).connect();
      const place = newPlace();
      const collection = client.db().collection(place);
      const slow = {
        find: (filter: object, options: object) =>
          collection.find({ ...filter, $where: 'sleep(60000) || true' }, options),
      };
      const storage = new MongoPiggybackStorage({
        collection: new Proxy(collection, {
          get: (target, key) =>
            key === 'find' ? slow.find : (Reflect.get(target, key) as () => void),
        }),
        summaryCollection: `${place}_s`,
      });
      const operations = async () =>
        (
          await client
            .db('admin')
            .aggregate([
              { $currentOp: {} },
              { $match: { ns: `${client.db().databaseName}.${place}` } },
            ])
            .toArray()
        ).length;
      try {
        await storage.open(CONTEXT);
        await storage.store(makeRecords(3));
        const controller = new AbortController();
        const reading = storage.getUsage({ signal: controller.signal });
        const failed = expect(reading).rejects.toThrow('enough');
        await condition(async () => (await operations()) === 1);
        controller.abort(new Error('enough'));
        await failed;
        await condition(async () => (await operations()) === 0);
      } finally {
        await storage.close();
        await dropCollections(client.db(), place);
        await client.close();
      }
    });
  });
});

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
