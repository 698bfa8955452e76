import { join } from 'node:path';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { createConnection } from 'mongoose';
import {
  MemoryStorage,
  SqliteStorage,
  sumBasic,
  sumBy,
  sumConsumers,
  sumGeo,
  summary,
  sumRoutes,
  sumStatuses,
  sumVisitors,
  UsageQueryError,
  UsageReader,
  type StorageOptions,
  type SummaryHook,
  type UsageStorage,
} from 'nestjs-track-usage';
import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { CouchDbStorage } from 'nestjs-track-usage/couchdb';
import { MongoPiggybackStorage } from 'nestjs-track-usage/mongo';
import { MongooseStorage, usageModel } from 'nestjs-track-usage/mongoose';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { summariesOf } from '../../lib/summary/index.js';
import { wholeWeight } from '../../lib/summary/record-weight.js';
import { FROM, question, traffic, ZONES } from '../reading/report-questions.js';
import { assertReport } from '../support/contract-parts.js';
import { propertyRuns } from '../support/property-runs.js';
import { describeWithServer } from '../support/servers.js';
import {
  countHours,
  dropPlace as dropClickHouse,
  tablesOf as clickHouseTables,
} from './clickhouse/places.js';
import { couch } from './couchdb/places.js';
import { dropPlace as dropCollections } from './mongo/places.js';
import { removeKeys } from './redis/places.js';
import { dropPlace as dropTables, SQL_SERVERS, tablesOf, temporaryFolder } from './sql/places.js';

const DAY = 86_400_000;

type Create = (place: string, options: StorageOptions) => UsageStorage;

const tenant = summary('tenant', ({ trackVar }) => trackVar?.['plan']);
const HOOKS: readonly SummaryHook[] = [
  ...sumBasic,
  ...[sumRoutes, sumStatuses, sumVisitors, sumConsumers, sumGeo, tenant],
  ...[sumBy('consumer', 'route'), sumBy('username', 'status', 'trackVar.plan')],
];

/** What a storage keeps, from one start to the next, and has lost before it is asked. */
const history = fc.record({
  starts: fc.array(
    fc.record({
      hooks: fc.oneof(fc.constant([...HOOKS]), fc.subarray([...HOOKS])),
      records: fc.nat(60),
      isRebuilt: fc.integer({ min: 0, max: 5 }).map((chance) => chance === 0),
      isSettled: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  maxKeys: fc.constantFrom(10_000, 3),
  prunedDays: fc.option(fc.integer({ min: 0, max: 60 })),
  prunedHours: fc.option(fc.integer({ min: 0, max: 60 }), { freq: 2 }),
});

let places = 0;

/**
 * Asks random questions about random traffic, several about each.
 *
 * @param settle Does what the storage does from time to time.
 */
async function holds(
  runs: number,
  create: Create,
  remove: (place: string) => Promise<unknown> = async () => {},
  settle: (storage: UsageStorage) => Promise<unknown> = async () => {},
) {
  const sources = new Set<string>();
  const property = fc.asyncProperty(
    traffic(60),
    fc.array(question, { minLength: 10, maxLength: 20 }),
    fc.constantFrom(...ZONES),
    history,
    async (records, questions, timeZone, { starts, maxKeys, prunedDays, prunedHours }) => {
      const place = `rep${process.pid}_${places++}`;
      const open = async (hooks: readonly SummaryHook[]) => {
        const storage = create(place, { hooks, maxKeys });
        await storage.open?.({
          logger: { log() {}, warn() {}, error() {} },
          summaries: summariesOf(hooks),
          timeZone,
          maxKeys,
        });
        return storage;
      };
      let storage: UsageStorage | undefined;
      try {
        let stored = 0;
        for (const [index, start] of starts.entries()) {
          const { hooks, records: count, isRebuilt, isSettled } = start;
          await storage?.close?.();
          storage = await open(hooks);
          const until = index === starts.length - 1 ? records.length : stored + count;
          await storage.store(records.slice(stored, until));
          stored = until;
          if (isRebuilt) await storage.rebuildSummaries?.();
          if (isSettled) await settle(storage);
        }
        if (storage === undefined) return;
        // Folded keys whose records are pruned are no longer known.
        const isPruned = prunedDays !== null && maxKeys > 3 && storage.prune !== undefined;
        const after = (days: number) => new Date(FROM + days * DAY);
        if (isPruned) {
          await storage.prune!({ records: after(prunedDays) });
          if (prunedHours !== null) await storage.prune!({ hour: after(prunedHours) });
        }
        // Sums draw the fraction of a weight by the record's id.
        const counted = records.map((record) => ({ ...record, weight: wholeWeight(record) }));
        const reader = new UsageReader(storage, timeZone);
        for (const { query: asked, matches } of questions) {
          const query = isPruned ? { ...asked, compare: undefined } : asked;
          const report = await reader.report(query).catch((error: unknown) => {
            if (isPruned && error instanceof UsageQueryError && error.field === 'startDate')
              return null;
            throw error;
          });
          if (!report) continue;
          sources.add(report.source);
          const { startDate, endDate } = report.range;
          const range = isPruned ? { startDate, endDate } : { endDate: query.endDate ?? endDate };
          const now = Date.now();
          assertReport(report, counted, { query: { ...query, ...range }, matches, timeZone, now });
        }
      } finally {
        await storage?.close?.();
        await remove(place);
      }
    },
  );
  await fc.assert(property, { numRuns: propertyRuns(runs) });
  return sources;
}

describe('Reports on random traffic equal a count of the records', { timeout: 120_000 }, () => {
  it('in memory', async () => {
    const kept = new Map<string, MemoryStorage>();
    const sources = await holds(60, (place, options) => {
      if (!kept.has(place)) kept.set(place, new MemoryStorage(options));
      return kept.get(place)!;
    });
    expect([...sources].sort()).toEqual(['both', 'records', 'summaries']);
  });

  it('of a storage that can only give pages', () => {
    const kept = new Map<string, UsageStorage>();
    return holds(10, (place) => {
      if (!kept.has(place)) kept.set(place, onlyPages());
      return kept.get(place)!;
    });
  });

  it('on SQLite, in a thread', async () => {
    const folder = temporaryFolder();
    await holds(
      10,
      (place, options) => new SqliteStorage({ ...options, database: join(folder.path, place) }),
    );
    folder.remove();
  });

  for (const [name, connection] of SQL_SERVERS)
    it.skipIf(connection === undefined)(`on ${name}`, async () => {
      const dataSource = await new DataSource(connection!).initialize();
      await holds(
        4,
        (place, options) => new SqlStorage({ ...options, dataSource, ...tablesOf(place) }),
        (place) => dropTables(dataSource, place),
      );
      await dataSource.destroy();
    });

  it('on a connection of the application to SQLite', async () => {
    const dataSource = await new DataSource({
      type: 'better-sqlite3',
      database: ':memory:',
    }).initialize();
    await holds(
      4,
      (place, options) => new SqlStorage({ ...options, dataSource, ...tablesOf(place) }),
    );
    await dataSource.destroy();
  });

  describeWithServer('REDIS', 'on a server', (url) => {
    it('on Redis', async () => {
      const client = new Redis(url);
      await holds(
        4,
        (keyPrefix, options) => new RedisStorage({ ...options, client, keyPrefix }),
        (place) => removeKeys(client, place),
      );
      await client.quit();
    });
  });

  describeWithServer('MONGODB', 'on a server', (url) => {
    it('on MongoDB', async () => {
      const client = await new MongoClient(url).connect();
      const create: Create = (place, options) =>
        new MongoPiggybackStorage({
          ...options,
          collection: client.db().collection(place),
          summaryCollection: `${place}_s`,
        });
      await holds(4, create, (place) => dropCollections(client.db(), place));
      await client.close();
    });
  });

  describeWithServer('MONGODB', 'on a server', (url) => {
    it('on MongoDB by Mongoose', async () => {
      const connection = await createConnection(url).asPromise();
      const create: Create = (place, options) =>
        new MongooseStorage({
          ...options,
          model: connection.models[place] ?? connection.model(place, usageModel.schema, place),
          summaryCollection: `${place}_s`,
        });
      await holds(3, create, async (place) => {
        connection.deleteModel(place);
        await dropCollections(connection.db as never, place);
      });
      await connection.close();
    });
  });

  describeWithServer('COUCHDB', 'on a server', (url) => {
    it('on CouchDB', () =>
      holds(
        2,
        (database, options) => new CouchDbStorage({ ...options, url, database }),
        (place) => couch(url, 'DELETE', `/${place}`),
      ));
  });

  describeWithServer('CLICKHOUSE', 'on a server', (url) => {
    it('on ClickHouse', () =>
      holds(
        3,
        (place, options) => new ClickHouseStorage({ ...options, url, ...clickHouseTables(place) }),
        (place) => dropClickHouse(url, place),
        countHours,
      ));
  });
});

/** Somebody else's storage, with the least that can be reported on. */
function onlyPages(): UsageStorage {
  const storage = new MemoryStorage();
  return {
    name: 'pages',
    store: (records) => storage.store(records),
    getUsage: (query) => storage.getUsage(query),
  };
}
