import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { sumServer, sumStatuses, type StorageOptions, type UsageStorage } from 'nestjs-track-usage';
import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { CouchDbStorage } from 'nestjs-track-usage/couchdb';
import { MongoStorage } from 'nestjs-track-usage/mongo';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { makeRecords } from 'nestjs-track-usage/testing';
import { expect, it } from 'vitest';
import { describeWithServer } from '../support/servers.js';
import { contextOf } from '../support/storage-context.js';
import { dropPlace as dropTables, tablesOf } from './clickhouse/places.js';
import { couch } from './couchdb/places.js';
import { dropPlace } from './mongo/places.js';
import { removeKeys } from './redis/places.js';
import { serverSubject } from './sql/places.js';

const HOURS = 5000;
const HOUR = 3_600_000;
const HOOKS = [sumServer, sumStatuses];
const START = Date.UTC(2026, 0, 1);
// Seconds on a quiet machine. What grows with the square of the hours takes many minutes.
const TIMEOUT = 120_000;

const place = `hours${process.pid}`;

// What waits after a long outage, or an import. SQLite takes part in the contract's own batch.
for (const [name, type] of [
  ['POSTGRES', 'postgres'],
  ['MARIADB', 'mariadb'],
  ['MYSQL', 'mysql'],
] as const)
  describeWithServer(name, name, (url) => {
    const subject = serverSubject({ url }, { type, url });
    takesManyHours(
      (options) => subject.create(place, options) as UsageStorage,
      () => subject.remove!(place),
    );
  });

describeWithServer('MONGODB', 'MongoDB', (url) => {
  takesManyHours(
    (options) =>
      new MongoStorage({
        ...options,
        uri: url,
        collection: place,
        summaryCollection: `${place}_s`,
      }),
    async () => {
      const client = await new MongoClient(url).connect();
      await dropPlace(client.db(), place);
      await client.close();
    },
  );
});

describeWithServer('REDIS', 'Redis', (url) => {
  takesManyHours(
    (options) => new RedisStorage({ ...options, url, keyPrefix: place }),
    async () => {
      const client = new Redis(url);
      await removeKeys(client, place);
      await client.quit();
    },
  );
});

describeWithServer('COUCHDB', 'CouchDB', (url) => {
  takesManyHours(
    (options) => new CouchDbStorage({ ...options, url, database: place }),
    async () => void (await couch(url, 'DELETE', `/${place}`)),
  );
});

describeWithServer('CLICKHOUSE', 'ClickHouse', (url) => {
  takesManyHours(
    (options) => new ClickHouseStorage({ ...options, url, ...tablesOf(place) }),
    () => dropTables(url, place),
  );
});

function takesManyHours(
  create: (options: StorageOptions) => UsageStorage,
  remove: () => Promise<unknown>,
): void {
  it('takes records of 5,000 hours in one batch', { timeout: TIMEOUT }, async () => {
    const storage = create({ hooks: HOOKS });
    await storage.open?.(contextOf(HOOKS));
    try {
      for (let batch = 1; batch <= 2; batch++) {
        await storage.store(
          makeRecords(HOURS, (index) => ({ date: new Date(START + index * HOUR) })),
        );
        const { hour, month } = await storage.getSum!('server', { limit: HOURS });
        expect(hour.length).toBe(HOURS);
        expect(hour.every(({ hits }) => hits === batch)).toBe(true);
        expect(month.reduce((sum, { hits }) => sum + hits, 0)).toBe(batch * HOURS);
      }
    } finally {
      await storage.close?.();
      await remove();
    }
  });
}
