import {
  MemoryStorage,
  sumStatuses,
  sumUrls,
  type StorageOptions,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { SqlStorage } from 'nestjs-track-usage/sql';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type {
  BaseStorageParts,
  ScannedSum,
  SumScanQuery,
} from '../../lib/storages/base/base-storage.js';
import {
  addCounts,
  noCounts,
  percentiles,
  reportedCounts,
  type MutableCounts,
} from '../../lib/summary/index.js';
import { couchdb, createStorage, databases, newPlace } from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import { contextOf } from '../support/storage-context.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 5, 15, 22);
/** More than one statement reads in SQL. CouchDB takes its time to build views. */
const MANY_URLS = 2200;
const SOME_URLS = 500;
const FEW_URLS = 60;
const PERIODS = ['hour', 'day', 'month'] as const;
const ALL = { first: null, last: null };
const hooks = [sumUrls, sumStatuses];

/** What the parts of a storage read at length. */
function scanContract(
  create: (place: string, options: StorageOptions) => UsageStorage,
  remove: (place: string) => Promise<void> = async () => {},
  urls = MANY_URLS,
): void {
  let storage: Required<UsageStorage>;
  let place = '';

  afterEach(async () => {
    await storage.close();
    await remove(place);
  });

  async function openWith(records: readonly UsageRecord[]): Promise<BaseStorageParts['sums']> {
    place = newPlace();
    storage = create(place, { hooks }) as Required<UsageStorage>;
    await storage.open(contextOf(hooks));
    for (let at = 0; at < records.length; at += 1000)
      await storage.store(records.slice(at, at + 1000));
    return (storage as unknown as { use(): BaseStorageParts }).use().sums;
  }

  it(
    'every stored row once, as getSum() reports it, in short parts',
    { timeout: 120_000 },
    async () => {
      const sums = await openWith(traffic(urls));
      for (const period of PERIODS) {
        const { [period]: expected } = await storage.getSum('url', { limit: 2 * urls });
        expect(expected.length).toBe(urls + { hour: 20, day: 10, month: 0 }[period]);
        const query = { dimension: 'url', period, ranges: [ALL] };
        expect(await rowsOf(sums, { ...query, withLatency: true })).toEqual(sorted(expected));
        const lean = await rowsOf(sums, { ...query, withLatency: false });
        expect(lean).toEqual(sorted(expected).map((sum) => ({ ...sum, p50: 0, p95: 0, p99: 0 })));
        const totals = await sums.totals({ dimension: 'url', period, range: ALL });
        expect(totals.sort((a, b) => a.bucket - b.bucket)).toEqual(totalsOf(expected));
      }
    },
  );

  it(
    'rows of one key as one, if it may, which add up to the same',
    { timeout: 120_000 },
    async () => {
      const sums = await openWith(traffic(FEW_URLS));
      const query = { dimension: 'url', period: 'hour', ranges: [ALL] } as const;
      for (const withLatency of [true, false]) {
        const apart = await mergedRows(sums, { ...query, withLatency });
        expect(await mergedRows(sums, { ...query, withLatency, mergesBuckets: true })).toEqual(
          apart,
        );
        expect(apart.size).toBe(FEW_URLS);
      }
    },
  );

  it('only the rows of some keys, if these are all that is wanted', async () => {
    const long = `http://shop.example/${'long/'.repeat(40)}`;
    const date = new Date(START);
    const sums = await openWith([...traffic(FEW_URLS), makeRecord({ date, url: long })]);
    const url = (index: number) => `http://shop.example/cats/${index}`;
    const keys = [url(3), url(FEW_URLS - 1), long];
    const query = { dimension: 'url', period: 'hour', ranges: [ALL], withLatency: true } as const;
    const all = await rowsOf(sums, query);
    const wanted = all.filter(({ key }) => keys.includes(key));
    expect(wanted).toHaveLength(5);
    const none = [url(FEW_URLS)];
    expect(await rowsOf(sums, { ...query, keys: [...keys, ...none] })).toEqual(wanted);
    expect(await rowsOf(sums, { ...query, keys: none })).toEqual([]);
    const ranges = [
      { first: START, last: START },
      { first: START + 3 * HOUR, last: START + 3 * HOUR },
    ];
    const some = { ...query, ranges, keys };
    const apart = await mergedRows(sums, some);
    expect(apart.get(url(3))?.hits).toBe(3);
    expect(await mergedRows(sums, { ...some, mergesBuckets: true })).toEqual(apart);
  });

  it('only the buckets of the given ranges, ends included', async () => {
    const sums = await openWith(
      Array.from({ length: 24 }, (_, hour) => makeRecord({ date: new Date(START + hour * HOUR) })),
    );
    const at = (hour: number) => START + hour * HOUR;
    const ranges = [
      { first: null, last: at(1) },
      { first: at(5), last: at(5) },
      { first: at(7) + 1, last: at(9) - 1 },
      { first: at(22), last: null },
    ];
    const query = { dimension: 'status', period: 'hour' } as const;
    const rows = await rowsOf(sums, { ...query, ranges, withLatency: true });
    expect(rows.map(({ date }) => date.getTime())).toEqual([0, 1, 5, 8, 22, 23].map(at));
    const range = { first: at(3), last: at(5) };
    const totals = await sums.totals({ ...query, range });
    expect(totals.map(({ bucket }) => bucket).sort()).toEqual([3, 4, 5].map(at));
    expect(await sums.totals({ ...query, dimension: 'geo', range: ALL })).toEqual([]);
    expect(await rowsOf(sums, { ...query, dimension: 'geo', ranges, withLatency: true })).toEqual(
      [],
    );
  });
}

/** Requests of three hours, before and after midnight. The first hour has most of the keys. */
function traffic(urls: number): UsageRecord[] {
  const record = (index: number, hour: number) =>
    makeRecord({
      date: new Date(START + hour * HOUR + index),
      url: `http://shop.example/cats/${index}`,
      speed: 0.001 * (1 + (index % 50)),
      status: 200 + (index % 4) * 100,
      weight: 1 + (index % 3),
    });
  return [
    ...Array.from({ length: urls }, (_, index) => record(index, 0)),
    ...Array.from({ length: 10 }, (_, index) => record(index, 1)),
    ...Array.from({ length: 10 }, (_, index) => record(index, 3)),
    ...Array.from({ length: 10 }, (_, index) => record(index, 0)),
  ];
}

async function rowsOf(sums: BaseStorageParts['sums'], query: SumScanQuery) {
  const rows: ScannedSum[] = [];
  for await (const part of sums.scan(query)) {
    expect(part.length).toBeLessThanOrEqual(2000);
    for (const row of part) rows.push(row);
  }
  return sorted(
    rows.map((row) => {
      const latency = new Map<number, number>();
      row.eachSlot((slot, count) => latency.set(slot, count));
      const [p50, p95, p99] = percentiles(latency, [50, 95, 99]);
      return { ...reportedCounts(row, row.counts), p50, p95, p99 };
    }),
  );
}

/** The counts of each key. */
async function mergedRows(sums: BaseStorageParts['sums'], query: SumScanQuery) {
  const found = new Map<string, MutableCounts>();
  for await (const part of sums.scan(query))
    for (const row of part) {
      const latency = new Map<number, number>();
      row.eachSlot((slot, count) => latency.set(slot, (latency.get(slot) ?? 0) + count));
      const all = found.get(row.key) ?? noCounts();
      addCounts(all, { ...row.counts, latency });
      found.set(row.key, all);
    }
  return found;
}

function sorted<Row extends { date: Date; key: string }>(rows: readonly Row[]): Row[] {
  return rows.toSorted((a, b) => a.date.getTime() - b.date.getTime() || (a.key < b.key ? -1 : 1));
}

function totalsOf(rows: readonly { date: Date; hits: number }[]) {
  const totals = new Map<number, number>();
  for (const { date, hits } of rows)
    totals.set(date.getTime(), (totals.get(date.getTime()) ?? 0) + hits);
  return [...totals]
    .sort(([a], [b]) => a - b)
    .map(([bucket, hits]) => ({ bucket, hits, measured: hits }));
}

describe('A scan of sums reads', () => {
  describe('in memory', () => scanContract((_, options) => new MemoryStorage(options)));
  describe('SQLite in this thread', () =>
    scanContract((_, options) => new SqlStorage({ ...options, database: ':memory:' })));
  describeDatabases(databases, (database, url) =>
    scanContract(
      (place, options) => createStorage(database.recipe(url, place), options),
      (place) => database.remove(url, place),
      database === couchdb ? SOME_URLS : MANY_URLS,
    ),
  );
});
