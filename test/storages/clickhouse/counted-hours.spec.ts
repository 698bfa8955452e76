import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { sumBy, sumConsumers, sumStatuses, sumUrls, type UsageRecord } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterEach, expect, it } from 'vitest';
import { newPlace } from '../../faults/databases.js';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { clickHouse, countHours, dropPlace, tablesOf } from './places.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 30, 18, 30);
const HOOKS = [sumConsumers, sumStatuses, sumUrls, sumBy('consumer', 'status')];
/** Statements that change rows take their time on a busy server. */
const TIMEOUT = 300_000;
const ALL = { limit: 10_000 };

describeWithServer('CLICKHOUSE', 'Rows of past hours in ClickHouse', (url) => {
  const place = newPlace();
  let ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.reverse()) await end();
    ends = [];
    await dropPlace(url, place);
  });

  async function open(timeZone = 'UTC') {
    const options = { url, hooks: HOOKS, ...tablesOf(place) };
    const storage = new ClickHouseStorage(options);
    await storage.open(contextOf(HOOKS, { timeZone, onTimeZoneChange: 'rebuild' }));
    ends.push(() => storage.close());
    return { storage, count: () => countHours(storage) };
  }

  /** Records of two months, one in each half hour. */
  const traffic = () =>
    Array.from({ length: 120 }, (_, index) => recordOf(index, ['acme', 'bolt', null][index % 3]!));

  function recordOf(index: number, consumer: string | null): UsageRecord {
    return makeRecord({
      date: new Date(START + index * (HOUR / 2)),
      consumer,
      status: [200, 404, 500][index % 3]!,
      speed: (1 + (index % 40)) / 1000,
      url: `http://shop.example/cats/${index % 4}`,
    });
  }

  async function sumsOf(storage: ClickHouseStorage) {
    return Promise.all(HOOKS.map(({ dimension }) => storage.getSum(dimension, ALL)));
  }

  const rowsOf = async (where = '1') =>
    Number(await clickHouse(url, `SELECT count() FROM ${place}_s_hours WHERE ${where}`));

  it(
    'change no figure, whatever comes late, again, or is taken away',
    { timeout: TIMEOUT },
    async () => {
      const { storage, count } = await open();
      const other = await open();
      const records = traffic();
      await storage.store(records);
      const before = await sumsOf(storage);
      expect(await count()).toBe(true);
      expect(await rowsOf()).toBeGreaterThan(100);
      expect(await sumsOf(storage)).toEqual(before);
      expect(await sumsOf(other.storage)).toEqual(before);

      // Late, repeated in part, and both counted once more.
      const late = [recordOf(3, 'acme'), recordOf(70, 'late')];
      await storage.store([...late, ...records.slice(0, 50)]);
      expect(await storage.verifySummaries()).toEqual([]);
      const withLate = await sumsOf(storage);
      expect(await count()).toBe(true);
      expect(await rowsOf("key = 'late'")).toBeGreaterThan(0);
      await storage.store(records.slice(40));
      expect(await sumsOf(other.storage)).toEqual(withLate);
      expect(await count()).toBe(true);
      expect(await sumsOf(storage)).toEqual(withLate);

      // Nothing of an erased consumer is left in the rows, and all else stays.
      await storage.forget({ consumer: 'acme' });
      expect(await rowsOf("position(key, 'acme') > 0")).toBe(0);
      expect(await other.storage.verifySummaries()).toEqual([]);
      expect(await count()).toBe(true);
      expect(await other.storage.verifySummaries()).toEqual([]);
      const erased = await sumsOf(storage);

      // What is pruned counts on, and what is left of its hour too.
      await storage.prune({ records: new Date(START + 20.25 * HOUR) });
      expect(await sumsOf(storage)).toEqual(erased);
      expect(await count()).toBe(true);
      expect(await sumsOf(other.storage)).toEqual(erased);
      expect(await rowsOf(`sum_hour < ${START + 20 * HOUR}`)).toBe(0);
      await storage.rebuildSummaries();
      expect(await sumsOf(storage)).toEqual(erased);
    },
  );

  it(
    'are those of the days and months alone where hours are pruned',
    { timeout: TIMEOUT },
    async () => {
      const { storage, count } = await open();
      const records = traffic();
      await storage.store(records);
      await count();
      const before = await storage.getSum('status', ALL);
      await storage.prune({ hour: new Date(START + 30 * HOUR) });
      await storage.store([recordOf(2, 'late')]);
      for (let time = 0; time < 2; time++) {
        const { hour, day, month } = await storage.getSum('status', ALL);
        expect(hour.filter(({ date }) => +date < START + 29 * HOUR)).toHaveLength(1);
        expect(day).toHaveLength(before.day.length);
        expect(month.map(({ hits }) => hits).reduce((a, b) => a + b)).toBe(records.length + 1);
        await count();
      }
    },
  );

  it('are counted anew in another time zone', { timeout: TIMEOUT }, async () => {
    const { storage, count } = await open();
    await storage.store(traffic());
    await count();
    const kolkata = await open('Asia/Kolkata');
    expect(await kolkata.storage.verifySummaries()).toEqual([]);
    const sums = await sumsOf(kolkata.storage);
    expect(await kolkata.count()).toBe(true);
    expect(await sumsOf(kolkata.storage)).toEqual(sums);
    expect(sums[0]!.hour.every(({ date }) => date.getUTCMinutes() === 30)).toBe(true);
  });

  it(
    'are counted once where several processes count, while others store and erase',
    { timeout: TIMEOUT },
    async () => {
      const [a, b, c] = [await open(), await open(), await open()];
      const records = traffic();
      const inParts = async ({ storage }: typeof a, all: readonly UsageRecord[]) => {
        for (let at = 0; at < all.length; at += 10) await storage.store(all.slice(at, at + 10));
      };
      await a.storage.store(records.slice(0, 40));
      await Promise.all([
        inParts(a, records.slice(40, 80)),
        inParts(b, records.slice(80)),
        a.count().then(() => a.count()),
        b.count(),
        c.storage.forget({ consumer: 'bolt' }).then(() => c.count()),
      ]);
      await c.storage.forget({ consumer: 'bolt' });
      expect(await b.storage.verifySummaries()).toEqual([]);
      await b.count();
      expect(await a.storage.verifySummaries()).toEqual([]);
      const left = records.filter(({ consumer }) => consumer !== 'bolt').length;
      const { month } = await c.storage.getSum('status', ALL);
      expect(month.reduce((sum, { hits }) => sum + hits, 0)).toBe(left);
    },
  );
});
