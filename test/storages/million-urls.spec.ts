import { join } from 'node:path';
import { MemoryStorage, type UsageStorage, sumStatuses, sumUrls } from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { DataSource } from 'typeorm';
import { afterAll, describe, expect, it } from 'vitest';
import { makeRecord } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../support/servers.js';
import { contextOf } from '../support/storage-context.js';
import { dropPlace, tablesOf, temporaryFolder } from './sql/places.js';

/** How many there are, and how many a bucket may keep. */
interface Flood {
  readonly urls: number;
  readonly maxKeys: number;
}

const MILLION: Flood = { urls: 1_000_000, maxKeys: 10_000 };
// As many times the cap. A database does with the rest what it did with these.
const IN_DATABASES: Flood = process.env['TRACK_USAGE_TEST_BIG']
  ? MILLION
  : { urls: 100_000, maxKeys: 1000 };
const BATCH = 5000;
const TIMEOUT = 600_000;
const PERIODS = ['hour', 'day', 'month'] as const;

const hooks = [sumUrls, sumStatuses];
const place = `million${process.pid}`;
const folder = temporaryFolder();
afterAll(() => folder.remove());

describe('A hundred times more distinct URLs than the cap, a million in memory,', () => {
  it('leave so many rows as the cap allows in memory', { timeout: TIMEOUT }, async () => {
    // The records themselves are not what this is about.
    await sendAll(new MemoryStorage({ hooks, maxRecords: BATCH }), MILLION);
  });

  it('leave so many rows as the cap allows in SQLite', { timeout: TIMEOUT }, async () => {
    await sendAll(
      new SqlStorage({ hooks, database: join(folder.path, 'urls.sqlite') }),
      IN_DATABASES,
    );
  });

  for (const [name, type] of [
    ['POSTGRES', 'postgres'],
    ['MARIADB', 'mariadb'],
    ['MYSQL', 'mysql'],
  ] as const)
    describeWithServer(name, 'on a server', (url) => {
      it(`leave so many rows as the cap allows in ${type}`, { timeout: TIMEOUT }, async () => {
        const dataSource = await new DataSource({ type, url }).initialize();
        try {
          await sendAll(new SqlStorage({ hooks, url, ...tablesOf(place) }), IN_DATABASES);
        } finally {
          await dropPlace(dataSource, place);
          await dataSource.destroy();
        }
      });
    });
});

async function sendAll(storage: UsageStorage, { urls: count, maxKeys }: Flood): Promise<void> {
  await storage.open?.(contextOf(hooks, { maxKeys }));
  const sent = { hits: 0, transfer: 0, errors: 0, micros: 0 };
  const noon = Date.UTC(2026, 5, 15, 12);
  for (let from = 0; from < count; from += BATCH) {
    const records = Array.from({ length: BATCH }, (_, at) => {
      const number = from + at;
      return makeRecord({
        date: new Date(noon + Math.floor(number / 1000)),
        url: `http://shop.example/cats/${number}?q=${number}`,
        status: number % 100 === 0 ? 503 : 200,
        contentLength: number % 1009,
        speed: (number % 997) / 1e6,
      });
    });
    for (const { contentLength, status, speed } of records) {
      sent.hits++;
      sent.transfer += contentLength;
      sent.errors += status >= 500 ? 1 : 0;
      sent.micros += Math.round(speed * 1e6);
    }
    await storage.store(records);
  }
  expect(sent.hits).toBe(count);

  const urls = await storage.getSum!('url', { limit: 2 * maxKeys });
  const statuses = await storage.getSum!('status');
  for (const period of PERIODS) {
    expect(urls[period]).toHaveLength(maxKeys);
    expect(urls[period].filter(({ key }) => key === '(other)')).toHaveLength(1);
    expect(urls[period].find(({ key }) => key === '(other)')!.hits).toBe(count - maxKeys + 1);
    expect(total(urls[period])).toEqual(sent);
    expect(total(statuses[period])).toEqual(sent);
  }
  await storage.close?.();
}

function total(sums: readonly Record<'hits' | 'transfer' | 'errors' | 'duration', number>[]) {
  const sum = { hits: 0, transfer: 0, errors: 0, micros: 0 };
  for (const { hits, transfer, errors, duration } of sums) {
    sum.hits += hits;
    sum.transfer += transfer;
    sum.errors += errors;
    sum.micros += Math.round(duration * 1e6);
  }
  return sum;
}
