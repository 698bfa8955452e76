import { strict as assert } from 'node:assert';
import type { UsageRecord } from '../../record/index.js';
import type { SumQuery } from '../../storages/contract/usage-query.js';
import {
  sumBasic,
  sumGeo,
  sumRoutes,
  sumStatuses,
  sumUrls,
  sumVisitors,
  summary,
} from '../../summary/index.js';
import { KEYS, totalsOf } from './brute-force.js';
import { makeRecord, makeRecords } from '../make-record.js';
import type { FullStorage, Opening } from './opening.js';
import { randomNumbers, randomTraffic } from './random-traffic.js';
import type { StorageSubject, TestTools } from './subject.js';
import { sharedUnhandledContract, unhandledContract } from './unhandled.contract.js';
import { zoneContract } from './zones.contract.js';

const ALL = [sumBasic, sumVisitors, sumGeo, sumRoutes, sumStatuses];
const PERIODS = ['hour', 'day', 'month'] as const;
const NOON = Date.UTC(2026, 2, 1, 12);
const HOUR = 3_600_000;

/** Tests that sums equal those counted from the records. */
export function hookContract(
  { it, describe, afterEach }: TestTools,
  open: Opening,
  { shared, uncapped = false }: StorageSubject,
): void {
  describe('summing up', () => {
    it('counts each record once, however batches are split and repeated', async () => {
      const random = randomNumbers(7);
      const records = randomTraffic(400, random);
      const storage = await open({ hooks: ALL });
      for (let at = 0; at < records.length;) {
        const size = 1 + Math.floor(random() * 90);
        const batch = records.slice(at, at + size);
        await storage.store(batch);
        if (random() < 0.4) await storage.store(batch);
        if (random() < 0.4) await storage.store(records.slice(Math.max(at - 40, 0), at + 5));
        at += size;
      }
      await assertSums(open, storage, records);
      assert.deepStrictEqual(await storage.verifySummaries(), []);
    });

    it('takes records of hundreds of hours in one batch', async () => {
      const records = makeRecords(400, (hour) => ({ date: new Date(NOON + hour * HOUR) }));
      const storage = await open({ hooks: [sumBasic] });
      await storage.store(records.slice(0, 390));
      await storage.store(records);
      for (const [dimension, key] of [
        ['url', KEYS['url']!],
        ['server', KEYS['server']!],
      ] as const) {
        const sums = await storage.getSum(dimension, { limit: 400 });
        for (const period of PERIODS)
          assert.deepStrictEqual(totalsOf(sums[period]), open.totals(records, key, period));
      }
    });

    it('reads the periods that it is asked for, and says which lists were cut', async () => {
      const storage = await open({ hooks: [sumUrls] });
      // Only what applies a query itself is asked for periods.
      if (!storage.appliesFilters) return;
      const records = makeRecords(6, (index) => ({
        date: new Date(NOON + (index % 3) * HOUR),
        url: `http://shop.example/${index}`,
      }));
      await storage.store(records);
      const lengths = async (query: SumQuery) => {
        const { hour, day, month, truncated = [] } = await storage.getSum('url', query);
        return [hour.length, day.length, month.length, [...truncated].sort()];
      };
      assert.deepStrictEqual(await lengths({ periods: ['day', 'hour'], limit: 5 }), [
        5,
        5,
        0,
        ['day', 'hour'],
      ]);
      assert.deepStrictEqual(await lengths({ periods: ['day'], limit: 6 }), [0, 6, 0, []]);
      assert.deepStrictEqual(await lengths({ limit: 6 }), [6, 6, 6, []]);
    });

    it('gives percentiles within two percent', async () => {
      const random = randomNumbers(11);
      const records = makeRecords(999, () => ({
        date: new Date(NOON),
        url: 'http://shop.example/a',
        speed: Math.round(10 ** (random() * 6)) / 1e6,
      }));
      const storage = await open({ hooks: [sumUrls] });
      await storage.store(records.slice(0, 500));
      await storage.store(records.slice(500));
      const speeds = records.map(({ speed }) => speed).sort((a, b) => a - b);
      const { hour, day, month } = await storage.getSum('url');
      for (const [sum] of [hour, day, month])
        for (const [given, percent] of [
          [sum!.p50, 50],
          [sum!.p95, 95],
          [sum!.p99, 99],
        ] as const) {
          const exact = speeds[Math.ceil((percent * 999) / 100) - 1]!;
          assert.ok(Math.abs(given - exact) <= exact * 0.02, `p${percent}: ${given}, not ${exact}`);
        }
    });

    it('cuts buckets in the time zone that it is told', async () => {
      const records = randomTraffic(120, randomNumbers(5));
      const storage = await open({ hooks: [sumStatuses], timeZone: 'Asia/Kolkata' });
      await storage.store(records);
      const sums = await storage.getSum('status');
      for (const period of PERIODS) {
        const expected = open.totals(records, KEYS['status']!, period, 5.5 * HOUR);
        assert.deepStrictEqual(totalsOf(sums[period]), expected);
      }
    });

    it('keeps the summaries of its hooks, and says which hook another one needs', async () => {
      const tenant = summary('tenant', (record) => record.trackVar?.['tenant']);
      const storage = await open({ hooks: [[tenant], () => {}] });
      await storage.store([makeRecord({ trackVar: { tenant: 'acme' } }), makeRecord()]);
      const { day } = await storage.getSum('tenant');
      assert.deepStrictEqual(
        day.map(({ key, hits }) => [key, hits]),
        [
          ['(none)', 1],
          ['acme', 1],
        ],
      );
      await assert.rejects(storage.getSum('url'), {
        name: 'SummaryNotKeptError',
        message: /sumUrls/,
      });
    });

    it('gives empty lists where nothing is counted', async () => {
      const storage = await open({ hooks: [sumUrls] });
      const { hour, day, month } = await storage.getSum('url');
      assert.deepStrictEqual({ hour, day, month }, { hour: [], day: [], month: [] });
    });

    it('finds the buckets that a date lies in, or a range overlaps', async () => {
      const storage = await open({ hooks: [sumUrls] });
      const url = 'http://shop.example/a';
      const hours = [0, 1, 2, 13, 14, 24 * 31];
      await storage.store(
        hours.map((hour) => makeRecord({ date: new Date(NOON + hour * HOUR), url })),
      );
      const found = async (query: SumQuery) => {
        const sums = await storage.getSum('url', query);
        return PERIODS.map((period) => sums[period].map(({ hits }) => hits).join());
      };
      const at = (hour: number) => new Date(NOON + hour * HOUR);
      assert.deepStrictEqual(await found({}), ['1,1,1,1,1,1', '1,2,3', '1,5']);
      assert.deepStrictEqual(await found({ startDate: at(1.9) }), ['1', '3', '5']);
      assert.deepStrictEqual(await found({ startDate: at(5) }), ['', '3', '5']);
      assert.deepStrictEqual(await found({ startDate: at(0.5), endDate: at(2) }), [
        '1,1,1',
        '3',
        '5',
      ]);
      assert.deepStrictEqual(await found({ startDate: at(2), endDate: at(13.5) }), [
        '1,1',
        '2,3',
        '5',
      ]);
      assert.deepStrictEqual(await found({ startDate: at(9999) }), ['', '', '']);
    });

    it('reports one key, pages, and a top list', async () => {
      const random = randomNumbers(3);
      const records = randomTraffic(300, random);
      const storage = await open({ hooks: [sumUrls] });
      await storage.store(records);
      const all = await storage.getSum('url', { limit: 10_000 });
      for (const target of [
        'http://shop.example/cats',
        'http://shop.example/🦄',
        all.month[9]!.key,
      ]) {
        const one = await storage.getSum('url', { target });
        for (const period of PERIODS)
          assert.deepStrictEqual(
            one[period],
            all[period].filter(({ key }) => key === target),
          );
        assert.ok(one.month.length > 0);
      }
      assert.deepStrictEqual(
        (await storage.getSum('url', { target: 'http://shop.example/CATS' })).day,
        [],
      );

      const top = await storage.getSum('url', { order: 'hits', limit: 10_000 });
      const byHits = [...all.day].sort((a, b) => b.hits - a.hits);
      assert.deepStrictEqual(top.day, byHits);

      for (const order of ['date', 'hits'] as const) {
        const whole = await storage.getSum('url', { order, limit: 10_000 });
        const pages = [];
        for (let page = 1; pages.length < whole.hour.length; page++)
          pages.push(...(await storage.getSum('url', { order, limit: 17, page })).hour);
        assert.deepStrictEqual(pages, whole.hour);
      }
    });

    it('tells keys apart that look alike, and takes the longest', async () => {
      const long = 'k'.repeat(900);
      const keys = [
        'a',
        'A',
        'a ',
        ' a',
        'ä',
        'a\u0308',
        '',
        '__proto__',
        '(other)',
        '%',
        '\\',
        "'",
      ];
      keys.push(
        'k'.repeat(107),
        'k'.repeat(108),
        'k'.repeat(109),
        `${long}1`,
        `${long}2`,
        '🦄'.repeat(400),
      );
      // The indexed part of these long keys ends in the middle of a surrogate pair.
      keys.push(`${'x'.repeat(63)}${'🦄'.repeat(50)}`, `${'x'.repeat(63)}${'🦊'.repeat(50)}`);
      const odd = summary('odd', (record) => record.username);
      const storage = await open({ hooks: [odd] });
      await storage.store(keys.map((username) => makeRecord({ username, date: new Date(NOON) })));
      await storage.store(keys.map((username) => makeRecord({ username, date: new Date(NOON) })));
      const { hour } = await storage.getSum('odd');
      const shown = keys.map((key) => (key === '(other)' ? '\\(other)' : key));
      const sorted = [...shown].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      assert.deepStrictEqual(
        hour.map(({ key, hits }) => [key, hits]),
        sorted.map((key) => [key, 2]),
      );
      for (const target of shown) {
        const found = await storage.getSum('odd', { target });
        assert.deepStrictEqual(
          found.day.map(({ key }) => key),
          [target],
        );
      }
    });

    it('tells a missing key from one that reads so, and from what is folded', async () => {
      const odd = summary('odd', (record) => record.username);
      const storage = await open({ hooks: [odd], maxKeys: 6 });
      const date = new Date(NOON);
      const names = [null, '(none)', '(other)', '\\(none)', '\\\\(other)'];
      const of = (username: string | null) => makeRecord({ username, date });
      await storage.store(names.flatMap((name, index) => makeRecords(9 - index, () => of(name))));
      const real: [string, number][] = [
        ['(none)', 9],
        ['\\(none)', 8],
        ['\\(other)', 7],
        ['\\\\(none)', 6],
        ['\\\\\\(other)', 5],
      ];
      const assertTold = async (rows: [string, number][]) => {
        const { hour } = await storage.getSum('odd');
        assert.deepStrictEqual(
          hour.map(({ key, hits }) => [key, hits]),
          [...rows].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
        );
        for (const [target, hits] of rows) {
          const { day } = await storage.getSum('odd', { target });
          assert.deepStrictEqual(
            day.map((sum) => [sum.key, sum.hits]),
            [[target, hits]],
          );
        }
        assert.deepStrictEqual(await storage.verifySummaries(), []);
      };
      await assertTold(real);
      await storage.store(['x', 'y', '(other)'].map(of));
      const more: [string, number][] = uncapped
        ? [
            ['x', 1],
            ['y', 1],
          ]
        : [['(other)', 2]];
      real[2]![1]++;
      await assertTold([...real, ...more]);
      await storage.rebuildSummaries();
      await assertTold([...real, ...more]);
    });

    if (!uncapped)
      it('keeps at most so many keys in a bucket, and counts the rest under (other)', async () => {
        const storage = await open({ hooks: [sumUrls, sumStatuses], maxKeys: 20 });
        const records = makeRecords(400, (index) => ({
          date: new Date(NOON + (index % 2) * HOUR),
          url: `http://shop.example/${index < 100 ? index % 10 : index}`,
        }));
        for (let at = 0; at < 400; at += 60) await storage.store(records.slice(at, at + 60));
        const { hour, day } = await storage.getSum('url', { limit: 1000 });
        assert.equal(day.length, 20);
        assert.equal(hour.length, 40);
        assert.equal(hitsOf(hour), 400);
        assert.equal(hitsOf(day), 400);
        assert.equal(day.filter(({ key }) => key === '(other)').length, 1);
        // Keys that came first keep their rows.
        for (let index = 0; index < 10; index++)
          assert.equal(day.find(({ key }) => key === `http://shop.example/${index}`)?.hits, 10);
        await storage.rebuildSummaries();
        const again = await storage.getSum('url', { limit: 1000 });
        assert.deepStrictEqual(again.hour, hour);
        assert.deepStrictEqual(again.day, day);
      });

    if (!uncapped) unhandledContract(it, open);

    it('rebuilds sums from the records, the same', async () => {
      const records = randomTraffic(300, randomNumbers(9));
      const storage = await open({ hooks: ALL });
      await storage.store(records.slice(0, 200));
      await storage.store(records.slice(150));
      const before = await allSums(storage);
      await storage.rebuildSummaries();
      assert.deepStrictEqual(await allSums(storage), before);
      await storage.rebuildSummaries({
        startDate: new Date(Date.UTC(2026, 1, 27, 5, 30)),
        endDate: new Date(Date.UTC(2026, 2, 1, 3, 30)),
      });
      assert.deepStrictEqual(await allSums(storage), before);
      await storage.store(records.slice(0, 40));
      assert.deepStrictEqual(await allSums(storage), before);
      await storage.store(makeRecords(3));
      assert.deepStrictEqual(await storage.verifySummaries(), []);
    });

    if (!shared) return;

    if (!uncapped) sharedUnhandledContract(it, open);

    it('makes sums of records that came before their hook', async () => {
      const place = open.place();
      const records = randomTraffic(150, randomNumbers(13));
      await (await open({ place })).store(records);
      const storage = await open({ place, hooks: [sumUrls, sumStatuses] });
      assert.deepStrictEqual((await storage.getSum('url')).month, []);
      const missing = await storage.verifySummaries();
      assert.ok(missing.length > 0);
      assert.ok(missing.every(({ stored, expected }) => stored === null && expected !== null));
      await storage.rebuildSummaries();
      await assertSums(open, storage, records, ['url', 'status']);
      assert.deepStrictEqual(await storage.verifySummaries(), []);
    });

    it('loses nothing when several writers count at once, and keeps to the cap', async () => {
      const place = open.place();
      const options = { place, hooks: [sumUrls, sumStatuses, sumRoutes], maxKeys: 30 };
      const storages = await Promise.all([1, 2, 3, 4].map(() => open(options)));
      const own = storages.map((_, index) => randomTraffic(300, randomNumbers(100 + index)));
      await Promise.all(
        storages.map(async (storage, index) => {
          for (let at = 0; at < 300; at += 50) await storage.store(own[index]!.slice(at, at + 50));
          await storage.store(own[index]!.slice(0, 50));
        }),
      );
      await assertSums(open, storages[0]!, own.flat(), ['status', 'route']);
      const urls = await storages[1]!.getSum('url', { limit: 10_000 });
      for (const period of PERIODS) {
        assert.equal(hitsOf(urls[period]), hitsOf(open.totals(own.flat(), KEYS['url']!, period)));
        const rows = new Map<number, number>();
        for (const { date } of urls[period])
          rows.set(date.getTime(), (rows.get(date.getTime()) ?? 0) + 1);
        assert.ok(uncapped || Math.max(...rows.values()) <= 30);
      }
      assert.deepStrictEqual(await storages[2]!.verifySummaries(), []);
    });

    it('stays exact when sums are rebuilt while others count', async () => {
      const place = open.place();
      const options = { place, hooks: [sumUrls, sumStatuses], maxKeys: 30 };
      const [a, b, c] = await Promise.all([1, 2, 3].map(() => open(options)));
      const records = randomTraffic(600, randomNumbers(21));
      const write = async (storage: FullStorage, from: number) => {
        for (let at = from; at < from + 300; at += 30)
          await storage.store(records.slice(at, at + 30));
      };
      const rebuild = async () => {
        for (let time = 0; time < 3; time++) await c!.rebuildSummaries();
      };
      await Promise.all([write(a!, 0), write(b!, 300), rebuild()]);
      await assertSums(open, a!, records, ['status']);
      assert.deepStrictEqual(await a!.verifySummaries(), []);
    });
  });

  zoneContract({ it, describe, afterEach }, open);
}

async function assertSums(
  open: Opening,
  storage: FullStorage,
  records: readonly UsageRecord[],
  dimensions = Object.keys(KEYS),
): Promise<void> {
  for (const dimension of dimensions) {
    const sums = await storage.getSum(dimension, { limit: 100_000 });
    for (const period of PERIODS) {
      const expected = open.totals(records, KEYS[dimension]!, period);
      assert.deepStrictEqual(totalsOf(sums[period]), expected, `${dimension} by ${period}`);
    }
  }
}

async function allSums(storage: FullStorage) {
  const sums = Object.keys(KEYS).map((dimension) => storage.getSum(dimension, { limit: 100_000 }));
  return Promise.all(sums);
}

function hitsOf(sums: readonly { hits: number }[]): number {
  return sums.reduce((sum, { hits }) => sum + hits, 0);
}
