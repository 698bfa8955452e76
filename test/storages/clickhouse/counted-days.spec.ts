import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import {
  sumBy,
  sumConsumers,
  sumRoutes,
  UsageReader,
  type ReportQuery,
  type UsageRecord,
} from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterEach, expect, it } from 'vitest';
import type { ClickHouseParts } from '../../../lib/storages/clickhouse/clickhouse.storage.js';
import { RECORD_COUNT } from '../../../lib/summary/index.js';
import { newPlace } from '../../faults/databases.js';
import { partsOf } from '../../faults/parts-of-storage.js';
import { assertReport } from '../../support/contract-parts.js';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { clickHouse, countHours, dropPlace, tablesOf } from './places.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Five days before the clocks of Berlin change, in the middle of a day. */
const START = Date.UTC(2026, 2, 24, 13, 20);
const HOOKS = [sumRoutes, sumConsumers, sumBy('consumer', 'route')];
/** Statements that change rows take their time on a busy server. */
const TIMEOUT = 300_000;
const ZONE = 'Europe/Berlin';

const at = (days: number) => new Date(START + days * DAY);

/** Ranges of whole days of Berlin, of hours, and of neither. */
const ASKED: readonly ReportQuery[] = [
  { dimensions: ['route'], startDate: new Date('2026-03-24T23:00:00Z'), endDate: at(20) },
  {
    dimensions: ['route'],
    startDate: new Date('2026-03-25T23:00:00Z'),
    endDate: new Date('2026-03-29T21:59:59.999Z'),
  },
  { dimensions: ['consumer', 'route'], startDate: at(0.011), endDate: at(7.301) },
  { dimensions: ['route'], startDate: at(2.5), endDate: at(9), compare: 'previous' },
  { dimensions: ['route'], interval: 'hour', startDate: at(3), endDate: at(4.5) },
  { dimensions: ['consumer'], interval: 'day', startDate: at(0), endDate: at(9) },
  { dimensions: ['consumer'], interval: 'week', startDate: at(0), endDate: at(9) },
  { dimensions: ['route'], interval: 'month', startDate: at(0), endDate: at(12) },
];
const QUERIES = ASKED.map((query): ReportQuery => ({
  ...query,
  metrics: ['hits', 'errors', 'p50', 'p95', 'transfer', 'lastSeen', 'consumers'],
}));

/** One of whole days, one of neither, and one in buckets. */
const SOME = [QUERIES[1]!, QUERIES[3]!, QUERIES[5]!];

describeWithServer('CLICKHOUSE', 'Rows of past days in ClickHouse', (url) => {
  const place = newPlace();
  let ends: (() => Promise<void>)[] = [];

  afterEach(async () => {
    for (const end of ends.reverse()) await end();
    ends = [];
    await dropPlace(url, place);
  });

  async function open(timeZone = ZONE) {
    const storage = new ClickHouseStorage({ url, hooks: HOOKS, ...tablesOf(place) });
    await storage.open(contextOf(HOOKS, { timeZone, onTimeZoneChange: 'rebuild' }));
    ends.push(() => storage.close());
    return storage;
  }

  function recordOf(index: number, consumer: string | null): UsageRecord {
    return makeRecord({
      date: new Date(START + index * (HOUR / 2)),
      consumer,
      status: [200, 404, 500][index % 3]!,
      speed: (1 + (index % 40)) / 1000,
      contentLength: index,
      route: `/cats/${index % 4}`,
    });
  }

  /** Records of nine days in two months, one in each half hour. */
  const traffic = () =>
    Array.from({ length: 9 * 48 }, (_, index) =>
      recordOf(index, ['acme', 'bolt', null][index % 5] ?? null),
    );

  /** Compares reports with a count of the records: some, or all that this file has. */
  async function isExact(
    storage: ClickHouseStorage,
    records: readonly UsageRecord[],
    { timeZone = ZONE, queries = SOME } = {},
  ) {
    const reader = new UsageReader(storage, timeZone);
    const now = Date.now();
    for (const query of queries)
      assertReport(await reader.report(query), records, {
        query,
        matches: () => true,
        timeZone,
        now,
      });
    for (const asked of queries.slice(0, 3)) {
      const query = { ...asked, where: { consumer: 'acme' } };
      const matches = ({ consumer }: UsageRecord) => consumer === 'acme';
      assertReport(await reader.report(query), records, { query, matches, timeZone, now });
    }
  }

  const rowsOf = async (where = '1') =>
    Number(await clickHouse(url, `SELECT count() FROM ${place}_s_days WHERE ${where}`));

  it(
    'change no report, whatever comes late, again, or is taken away',
    { timeout: TIMEOUT },
    async () => {
      const storage = await open();
      const records = traffic();
      await storage.store(records);
      await isExact(storage, records);
      expect(await countHours(storage)).toBe(true);
      expect(await rowsOf()).toBeGreaterThan(50);
      await isExact(storage, records, { queries: QUERIES });

      const late = recordOf(150, 'late');
      await storage.store([late, ...records.slice(100, 120)]);
      records.push(late);
      await isExact(storage, records);
      expect(await countHours(storage)).toBe(true);
      expect(await rowsOf("key = 'late'")).toBe(1);
      await isExact(storage, records);

      const left = records.filter(({ consumer }) => consumer !== 'bolt');
      await storage.forget({ consumer: 'bolt' });
      expect(await rowsOf("position(key, 'bolt') > 0")).toBe(0);
      await isExact(storage, left);
      expect(await countHours(storage)).toBe(true);
      await isExact(storage, left);
      expect(await storage.verifySummaries()).toEqual([]);
    },
  );

  it('count on for the days whose records are pruned', { timeout: TIMEOUT }, async () => {
    const storage = await open();
    const records = traffic();
    await storage.store(records);
    await countHours(storage);
    const inDays = (from: number) => ({
      dimensions: ['route'],
      metrics: ['hits', 'p95'] as const,
      interval: 'day' as const,
      startDate: new Date(Date.UTC(2026, 2, 24 + from, 23)),
      endDate: new Date(Date.UTC(2026, 2, 30, 22) - 1),
    });
    const whole = await storage.report(inDays(0));
    const part = await storage.report(inDays(3));
    // In the middle of the third day.
    await storage.prune({ records: new Date(Date.UTC(2026, 2, 27, 9)) });
    for (let time = 0; time < 2; time++) {
      expect((await storage.report(inDays(0))).rows).toEqual(whole.rows);
      expect((await storage.report(inDays(3))).rows).toEqual(part.rows);
      expect(await storage.verifySummaries()).toEqual([]);
      expect(await countHours(storage)).toBe(true);
    }
    expect(await rowsOf(`sum_day < ${Date.UTC(2026, 2, 27, 9)}`)).toBe(0);
    expect(await rowsOf()).toBeGreaterThan(0);
  });

  it(
    'are read instead of those of hours where all of a day counts',
    { timeout: TIMEOUT },
    async () => {
      const storage = await open();
      await storage.store(traffic());
      await countHours(storage);
      const hitsOf = async (query: ReportQuery) =>
        (await storage.report({ ...query, metrics: ['hits'], dimensions: ['route'] })).rows.reduce(
          (sum, { hits }) => sum + hits!,
          0,
        );
      const days = { startDate: at(0), endDate: new Date(Date.UTC(2026, 3, 1, 22) - 1) };
      const hours = { startDate: at(1), endDate: at(1.5) };
      const [inDays, inHours] = [await hitsOf(days), await hitsOf(hours)];
      await clickHouse(
        url,
        `ALTER TABLE ${place}_s_days UPDATE hits = hits + 1000 WHERE dimension IN ('route', ` +
          `'${RECORD_COUNT}') SETTINGS mutations_sync = 2`,
      );
      // All four routes of eight whole days, and none of the day that is asked for in part.
      expect(await hitsOf(days)).toBe(inDays + 4 * 8 * 1000);
      expect(await hitsOf(hours)).toBe(inHours);
    },
  );

  it(
    'tell with their rows how many records there are, those of before a summary included',
    { timeout: TIMEOUT },
    async () => {
      const records = traffic();
      const lean = new ClickHouseStorage({ url, hooks: [sumRoutes], ...tablesOf(place) });
      await lean.open(contextOf([sumRoutes], { timeZone: ZONE }));
      ends.push(() => lean.close());
      await lean.store(records.slice(0, 100));
      const storage = await open();
      const { sums } = partsOf(storage);
      await storage.store(records.slice(100));
      const [first, last] = [Date.UTC(2026, 2, 24, 23), Date.UTC(2026, 2, 28, 23) - 1];
      const inRange = records.filter(({ date }) => date.getTime() >= first).slice(0, 4 * 48);
      const named = inRange.filter((record) => records.indexOf(record) >= 100);
      const tell = async () => {
        for (const period of ['hour', 'day'] as const)
          for (const mergesBuckets of [true, false])
            for (const withLatency of [true, false]) {
              const ranges = [{ first, last }];
              const query = { dimension: 'consumer', period, ranges, mergesBuckets, withLatency };
              const counted = { hits: 0, inSlots: 0, total: 0 };
              for await (const rows of sums.scan({ ...query, withTotal: true }))
                for (const row of rows) {
                  counted.hits += row.counts.hits;
                  counted.total += row.total!;
                  row.eachSlot((_, count) => (counted.inSlots += count));
                }
              expect({ ...query, ...counted }).toEqual({
                ...query,
                hits: named.length,
                inSlots: withLatency ? named.length : 0,
                total: inRange.length,
              });
            }
      };
      await tell();
      await countHours(storage);
      await tell();
      await storage.prune({ records: new Date(Date.UTC(2026, 2, 26, 12)) });
      await tell();
    },
  );

  it('and of hours that are lost are made anew by a rebuild', { timeout: TIMEOUT }, async () => {
    const storage = await open();
    const records = traffic();
    await storage.store(records);
    for (const table of ['days', 'hours']) {
      await countHours(storage);
      await clickHouse(url, `TRUNCATE TABLE ${place}_s_${table}`);
      expect(await storage.verifySummaries()).not.toEqual([]);
      await storage.rebuildSummaries();
      expect(await storage.verifySummaries()).toEqual([]);
    }
    await countHours(storage);
    await isExact(storage, records);
  });

  it('are made anew in another time zone', { timeout: TIMEOUT }, async () => {
    const records = traffic();
    const berlin = await open();
    await berlin.store(records);
    await countHours(berlin);
    const kolkata = await open('Asia/Kolkata');
    await isExact(kolkata, records, { timeZone: 'Asia/Kolkata', queries: QUERIES });
    expect(await countHours(kolkata)).toBe(true);
    await isExact(kolkata, records, { timeZone: 'Asia/Kolkata', queries: QUERIES });
    expect(await rowsOf('sum_day % 86400000 != 66600000')).toBe(0);
  });

  it(
    'and of hours are made by one process at a time, also where some are made anew',
    { timeout: TIMEOUT },
    async () => {
      const [a, b] = [await open(), await open()];
      const records = traffic();
      await a.store(records);
      await countHours(a);
      await a.forget({ consumer: 'bolt' });
      const left = records.filter(({ consumer }) => consumer !== 'bolt');
      let others = 0;
      afterEachInsert(a, async () => {
        expect(await countHours(b)).toBe(false);
        others++;
      });
      expect(await countHours(a)).toBe(true);
      expect(others).toBeGreaterThan(2);
      await isExact(b, left);
      expect(await countHours(b)).toBe(true);
      expect(await b.verifySummaries()).toEqual([]);
      await isExact(a, left);
    },
  );

  it(
    'do not count what was made of records that somebody erases meanwhile, once more or for the first time',
    { timeout: TIMEOUT },
    async () => {
      const [a, b] = [await open(), await open()];
      const records = traffic();
      await a.store(records);
      let left = records;
      for (const consumer of ['bolt', 'acme']) {
        // The hours are taken out already when the other one begins to count them.
        if (consumer === 'acme') await b.rebuildSummaries();
        let isFirst = true;
        afterEachInsert(a, async () => {
          if (!isFirst) return;
          isFirst = false;
          await b.forget({ consumer });
        });
        expect(await countHours(a)).toBe(false);
        left = left.filter((record) => record.consumer !== consumer);
        await isExact(a, left);
        expect(await countHours(b)).toBe(true);
        await isExact(a, left);
        expect(await rowsOf(`position(key, '${consumer}') > 0`)).toBe(0);
        expect(await b.verifySummaries()).toEqual([]);
      }
    },
  );

  it('leave nothing of work that was ended', { timeout: TIMEOUT }, async () => {
    const [a, b] = [await open(), await open()];
    const records = traffic();
    await a.store(records);
    afterEachInsert(a, async () => {
      throw new Error('ended');
    });
    await expect(countHours(a)).rejects.toThrow('ended');
    const hours = () => clickHouse(url, `SELECT count() FROM ${place}_s_hours WHERE move != ''`);
    expect(Number(await hours())).toBeGreaterThan(0);
    // Its hold keeps others from counting, until it expires.
    expect(await countHours(b)).toBe(false);
    await expire();
    expect(await countHours(b)).toBe(true);
    expect(Number(await hours())).toBe(0);
    await isExact(b, records);
  });

  it(
    'are told of no one whose erasure has failed, once it is repeated',
    { timeout: TIMEOUT },
    async () => {
      const storage = await open();
      const records = traffic();
      await storage.store(records);
      await countHours(storage);
      // As if the server had gone on deleting records after the process had given up.
      await clickHouse(
        url,
        `ALTER TABLE ${place} DELETE WHERE consumer = 'bolt' SETTINGS mutations_sync = 2`,
      );
      expect(await rowsOf("position(key, 'bolt') > 0")).toBeGreaterThan(0);
      expect(await storage.forget({ consumer: 'bolt' })).toBe(0);
      expect(await rowsOf("position(key, 'bolt') > 0")).toBe(0);
      const left = records.filter(({ consumer }) => consumer !== 'bolt');
      await isExact(storage, left);
      await countHours(storage);
      await isExact(storage, left);
    },
  );

  it(
    'count by their hours where some were stored in another time zone',
    { timeout: TIMEOUT },
    async () => {
      const records = traffic();
      const kolkata = await open('Asia/Kolkata');
      await kolkata.store(records.slice(0, 200));
      await countHours(kolkata);
      const berlin = await open();
      // A process of before goes on storing.
      await kolkata.store(records.slice(200, 250));
      await berlin.store(records.slice(250));
      expect(await countHours(berlin)).toBe(true);
      const hitsOf = async (storage: ClickHouseStorage, query: ReportQuery) =>
        (await storage.report({ ...query, metrics: ['hits'] })).totals.hits;
      // No day of the records in the wrong zone is asked for in part.
      const query = { startDate: new Date('2026-03-23T23:00:00Z'), endDate: at(20) };
      expect(await hitsOf(berlin, query)).toBe(records.length);
      await berlin.store([recordOf(230, 'late')]);
      await countHours(berlin);
      expect(await hitsOf(berlin, query)).toBe(records.length + 1);
      await berlin.rebuildSummaries();
      await countHours(berlin);
      await isExact(berlin, [...records, recordOf(230, 'late')]);
    },
  );

  /** Does something each time after a process has inserted rows that do not count yet. */
  function afterEachInsert(storage: ClickHouseStorage, work: () => Promise<void>): void {
    const { hours } = (storage as unknown as { use(): ClickHouseParts }).use();
    const { database } = hours as unknown as {
      database: { command(...given: unknown[]): Promise<void> };
    };
    const command = Object.getPrototypeOf(database).command.bind(database);
    database.command = async (...given) => {
      await command(...given);
      if (String(given[0]).startsWith('INSERT')) await work();
    };
  }

  /** Lets the holds of ended work expire, as half an hour does. */
  async function expire(): Promise<void> {
    const found = await clickHouse(
      url,
      `SELECT value, revision FROM ${place}_notes WHERE kind = 'sums' AND name = 'state' ` +
        'ORDER BY revision DESC LIMIT 1 FORMAT JSONEachRow',
    );
    const { value, revision } = JSON.parse(found) as { value: string; revision: string };
    const state = JSON.parse(value);
    for (const id of Object.keys(state.hours.holds)) state.hours.holds[id] = 1;
    const text = JSON.stringify(state).replaceAll("'", "''");
    await clickHouse(
      url,
      `INSERT INTO ${place}_notes (kind, name, revision, value, owner) ` +
        `VALUES ('sums', 'state', ${Number(revision) + 1}, '${text}', 'test')`,
    );
  }
});
