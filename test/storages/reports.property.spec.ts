import { join } from 'node:path';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { MemoryStorage, SqliteStorage, UsageReader, type UsageStorage } from 'nestjs-track-usage';
import { CouchDbStorage } from 'nestjs-track-usage/couchdb';
import { MongoPiggybackStorage } from 'nestjs-track-usage/mongo';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource } from 'typeorm';
import { describe, it } from 'vitest';
import { assertReport } from '../reading/assert-report.js';
import { question, traffic, ZONES } from '../reading/report-questions.js';
import { propertyRuns } from '../support/property-runs.js';
import { describeWithServer } from '../support/servers.js';
import { contextOf } from '../support/storage-context.js';
import { couch } from './couchdb/places.js';
import { dropPlace as dropCollections } from './mongo/places.js';
import { removeKeys } from './redis/places.js';
import { dropPlace as dropTables, SQL_SERVERS, tablesOf, temporaryFolder } from './sql/places.js';

type Create = (place: string) => UsageStorage;

let places = 0;

/** Asks random questions about random traffic, several about each. */
async function holds(
  runs: number,
  create: Create,
  remove: (place: string) => Promise<unknown> = async () => {},
) {
  const property = fc.asyncProperty(
    traffic(60),
    fc.array(question, { minLength: 10, maxLength: 20 }),
    fc.constantFrom(...ZONES),
    async (records, questions, timeZone) => {
      const place = `rep${process.pid}_${places++}`;
      const storage = create(place);
      await storage.open?.(contextOf([], { timeZone, maxKeys: 10_000 }));
      try {
        await storage.store(records);
        const reader = new UsageReader(storage, timeZone);
        for (const { query, matches } of questions) {
          const report = await reader.report(query);
          const endDate = query.endDate ?? report.range.endDate;
          const now = Date.now();
          assertReport(report, records, { query: { ...query, endDate }, matches, timeZone, now });
        }
      } finally {
        await storage.close?.();
        await remove(place);
      }
    },
  );
  await fc.assert(property, { numRuns: propertyRuns(runs) });
}

describe('Reports on random traffic equal a count of the records', { timeout: 120_000 }, () => {
  it('in memory', () => holds(40, () => new MemoryStorage()));

  it('of a storage that can only give pages', () => holds(10, onlyPages));

  it('on SQLite, in a thread', async () => {
    const folder = temporaryFolder();
    await holds(10, (place) => new SqliteStorage({ database: join(folder.path, place) }));
    folder.remove();
  });

  for (const [name, connection] of SQL_SERVERS)
    it.skipIf(connection === undefined)(`on ${name}`, async () => {
      const dataSource = await new DataSource(connection!).initialize();
      await holds(
        4,
        (place) => new SqlStorage({ dataSource, ...tablesOf(place) }),
        (place) => dropTables(dataSource, place),
      );
      await dataSource.destroy();
    });

  it('on a connection of the application to SQLite', async () => {
    const dataSource = await new DataSource({
      type: 'better-sqlite3',
      database: ':memory:',
    }).initialize();
    await holds(4, (place) => new SqlStorage({ dataSource, ...tablesOf(place) }));
    await dataSource.destroy();
  });

  describeWithServer('REDIS', 'on a server', (url) => {
    it('on Redis', async () => {
      const client = new Redis(url);
      await holds(
        4,
        (keyPrefix) => new RedisStorage({ client, keyPrefix }),
        (place) => removeKeys(client, place),
      );
      await client.quit();
    });
  });

  describeWithServer('MONGODB', 'on a server', (url) => {
    it('on MongoDB', async () => {
      const client = await new MongoClient(url).connect();
      const create = (place: string) =>
        new MongoPiggybackStorage({
          collection: client.db().collection(place),
          summaryCollection: `${place}_s`,
        });
      await holds(4, create, (place) => dropCollections(client.db(), place));
      await client.close();
    });
  });

  describeWithServer('COUCHDB', 'on a server', (url) => {
    it('on CouchDB', () =>
      holds(
        2,
        (database) => new CouchDbStorage({ url, database }),
        (place) => couch(url, 'DELETE', `/${place}`),
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
