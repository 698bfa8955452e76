import { strict as assert } from 'node:assert';
import { sumConsumers, summary, sumStatuses, sumUrls } from '../../summary/index.js';
import { makeRecord, makeRecords } from '../make-record.js';
import { has } from './features.js';
import type { Opening } from './opening.js';
import type { StorageSubject, TestTools } from './subject.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 31, 20);

/** Tests that `prune` deletes old records and sums. */
export function retentionContract(
  { it, describe }: TestTools,
  open: Opening,
  subject: StorageSubject,
): void {
  const { uncapped = false } = subject;
  describe('pruning', () => {
    it('deletes the records from before a date, and no others', async () => {
      const storage = await open();
      const records = makeRecords(20);
      await storage.store(records);
      const counts = await storage.prune({ records: records[7]!.date });
      assert.equal(counts.records, 7);
      assert.deepStrictEqual(await open.records(storage), records.slice(7));
    });

    it('deletes nothing without dates, and refuses what is no date', async () => {
      const storage = await open();
      await storage.store(makeRecords(3));
      assert.deepStrictEqual(await storage.prune({}), { records: 0, hour: 0, day: 0, month: 0 });
      await assert.rejects(storage.prune({ records: new Date(NaN) }), { field: 'records' });
      await assert.rejects(storage.prune({ year: new Date() } as object), { field: 'year' });
      assert.equal((await open.records(storage)).length, 3);
    });

    if (!has(subject, 'reading', 'sums')) return;

    const filled = async () => {
      const storage = await open({ hooks: [sumUrls, sumStatuses], maxKeys: 8 });
      const records = makeRecords(60, (index) => ({ date: new Date(START + index * (HOUR / 6)) }));
      await storage.store(records);
      return { storage, records };
    };

    it('deletes records from before a date, and leaves the sums', async () => {
      const { storage, records } = await filled();
      const sums = await storage.getSum('url');
      const counts = await storage.prune({ records: records[45]!.date });
      assert.deepStrictEqual(counts, { records: 45, hour: 0, day: 0, month: 0 });
      assert.deepStrictEqual(await storage.getUsage(), records.slice(45).toReversed());
      assert.deepStrictEqual(await storage.getSum('url'), sums);
    });

    it('deletes the buckets that ended before a date, period by period', async () => {
      const { storage } = await filled();
      const before = await storage.getSum('status');
      const date = new Date(START + 5.5 * HOUR);
      const counts = await storage.prune({ hour: date, day: date, month: date });
      assert.equal(counts.records, 0);
      const after = await storage.getSum('status');
      assert.deepStrictEqual(after.hour, before.hour.slice(0, 5));
      assert.deepStrictEqual(after.day, before.day.slice(0, 1));
      assert.deepStrictEqual(after.month, before.month.slice(0, 1));
      // Five hours of six urls, a day and a month of eight (24 without a cap), and one status each.
      const rows = uncapped ? 25 : 9;
      assert.deepStrictEqual(counts, { records: 0, hour: 35, day: rows, month: rows });
      assert.equal(await storage.countUsage(), 60);
    });

    it('leaves sums alone whose records are gone, in part or whole, when sums are rebuilt', async () => {
      const { storage, records } = await filled();
      const sums = await storage.getSum('url');
      await storage.prune({ records: records[45]!.date });
      assert.deepStrictEqual(await storage.verifySummaries(), []);
      await storage.rebuildSummaries();
      assert.deepStrictEqual(await storage.getSum('url'), sums);
      // Pruning up to an earlier date restores nothing.
      await storage.prune({ records: records[3]!.date });
      await storage.rebuildSummaries();
      assert.deepStrictEqual(await storage.getSum('url'), sums);
    });

    it('brings no buckets back that are gone', async () => {
      const { storage, records } = await filled();
      await storage.prune({ hour: records[30]!.date, day: records[30]!.date });
      const sums = await storage.getSum('url');
      assert.deepStrictEqual(await storage.verifySummaries(), []);
      await storage.rebuildSummaries();
      assert.deepStrictEqual(await storage.getSum('url'), sums);
    });

    it('counts on in what is left, and from zero in what is gone', async () => {
      const { storage } = await filled();
      await storage.prune({
        hour: new Date(START + 100 * HOUR),
        day: new Date(START + 100 * HOUR),
      });
      const url = 'http://shop.example/late';
      await storage.store([makeRecord({ date: new Date(START + 1), url, status: 200 })]);
      const { hour, day, month } = await storage.getSum('status');
      assert.deepStrictEqual(
        hour.map(({ hits }) => hits),
        [1],
      );
      assert.deepStrictEqual(
        day.map(({ hits }) => hits),
        [1],
      );
      assert.deepStrictEqual(
        month.map(({ hits }) => hits),
        [36, 25],
      );
    });

    it('counts old keys of persons under (other), and keeps every total', async () => {
      const hooks = [sumConsumers, sumPairs, sumStatuses];
      const storage = await open({ hooks });
      const records = makeRecords(40, (index) => ({
        date: new Date(START + index * 36 * HOUR),
        url: `http://shop.example/cats/${index % 4}`,
        consumer: [null, 'acme', 'Acme', "o'hara", '(other)'][index % 5]!,
        status: [200, 404][index % 2]!,
        speed: (1 + (index % 17)) / 100,
      }));
      await storage.store(records);
      const before = await Promise.all(hooks.map((hook) => storage.getSum(hook.dimension, ALL)));
      const first = Date.UTC(2026, 2, 1);
      const late = makeRecord({ date: new Date(START + 1), consumer: 'late', status: 200 });
      const check = async (more: number) => {
        for (const [at, { dimension }] of hooks.entries()) {
          const sums = await storage.getSum(dimension, ALL);
          for (const period of PERIODS) {
            const old = sums[period].filter(({ date }) => date.getTime() < first);
            const isNamed = old.some(({ key }) => key !== '(other)' && key !== '(none)');
            assert.equal(isNamed, dimension === 'status', `${dimension} ${period}`);
            assert.equal(hitsOf(sums[period]), hitsOf(before[at]![period]) + more, dimension);
            assert.deepStrictEqual(
              sums[period].filter(({ date }) => date.getTime() >= first),
              before[at]![period].filter(({ date }) => date.getTime() >= first),
            );
          }
        }
        assert.deepStrictEqual(await storage.verifySummaries(), []);
      };
      await storage.prune({ personal: new Date(first) });
      await check(0);
      // Also where a prune runs again, late requests come, and sums are recomputed.
      await storage.prune({ personal: new Date(first - 1) });
      await storage.store([late]);
      await check(1);
      await storage.rebuildSummaries();
      await check(1);
      // And where the records are gone.
      await storage.prune({ records: new Date(first), personal: new Date(first) });
      await check(1);
      const folded = (await storage.getSum('consumer', ALL)).month[0]!;
      assert.ok(folded.p95 > 0);
    });

    it('counts the old keys of each hour, day and month that ended before a date', async () => {
      const storage = await open({ hooks: [sumConsumers, sumPairs] });
      const records = makeRecords(30, (index) => ({
        date: new Date(START + index * 7 * HOUR),
        consumer: `c${index % 3}`,
      }));
      await storage.store(records);
      const date = new Date(Date.UTC(2026, 1, 4, 13, 30));
      const starts = [
        Date.UTC(2026, 1, 4, 13),
        Date.UTC(2026, 1, 4),
        Date.UTC(2026, 1, 1),
      ] as const;
      const check = async (more: number) => {
        for (const { dimension } of [sumConsumers, sumPairs]) {
          const sums = await storage.getSum(dimension, ALL);
          for (const [at, period] of PERIODS.entries()) {
            const rows = sums[period].map((sum) => ({
              isOld: sum.date.getTime() < starts[at]!,
              isNamed: sum.key !== '(other)',
            }));
            assert.ok(rows.some(({ isOld }) => isOld) && rows.some(({ isNamed }) => isNamed));
            assert.ok(
              rows.every(({ isOld, isNamed }) => isOld !== isNamed),
              `${dimension} ${period}`,
            );
            assert.equal(hitsOf(sums[period]), 30 + more);
          }
        }
        assert.deepStrictEqual(await storage.verifySummaries(), []);
      };
      await storage.prune({ personal: date });
      await check(0);
      await storage.store([makeRecord({ date: new Date(START + 1), consumer: 'late' })]);
      await check(1);
      await storage.rebuildSummaries();
      await check(1);
      await storage.prune({ records: date, personal: date });
      await storage.rebuildSummaries();
      await check(1);
    });

    if (!subject.shared) return;

    it('counts old keys of persons under (other) in summaries that are kept no longer', async () => {
      const place = open.place();
      const before = await open({ place, hooks: [sumConsumers, sumPairs, sumStatuses] });
      await before.store(
        makeRecords(20, (index) => ({
          date: new Date(START + index * HOUR),
          consumer: `c${index % 3}`,
          status: 200,
        })),
      );
      await before.close();
      const date = new Date(START + 24 * 90 * HOUR);
      const pruning = await open({ place, hooks: [sumStatuses] });
      await pruning.prune({ records: date, personal: date });
      await pruning.close();
      const after = await open({ place, hooks: [sumConsumers, sumPairs, sumStatuses] });
      for (const { dimension } of [sumConsumers, sumPairs, sumStatuses]) {
        const sums = await after.getSum(dimension, ALL);
        const key = dimension === 'status' ? '200' : '(other)';
        for (const period of PERIODS) {
          assert.deepStrictEqual([...new Set(sums[period].map((sum) => sum.key))], [key]);
          assert.equal(hitsOf(sums[period]), 20, `${dimension} ${period}`);
        }
      }
    });
  });
}

const PERIODS = ['hour', 'day', 'month'] as const;
const ALL = { limit: 1000, order: 'date' } as const;
const sumPairs = summary('consumer:route', ({ consumer, route }) =>
  JSON.stringify([consumer, route]),
);

function hitsOf(rows: readonly { readonly hits: number }[]): number {
  return rows.reduce((sum, { hits }) => sum + hits, 0);
}
