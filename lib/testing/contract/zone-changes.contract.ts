import assert from 'node:assert/strict';
import type { UsageRecord } from '../../record/index.js';
import { sumServer, sumStatuses, sumUrls } from '../../summary/index.js';
import { makeRecord, makeRecords } from '../make-record.js';
import { KEYS, totalsOf } from './brute-force.js';
import type { FullStorage, Opening } from './opening.js';
import type { TestTools } from './subject.js';

const PERIODS = ['hour', 'day', 'month'] as const;
const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 28, 3, 10);
const HOOKS = [sumUrls, sumStatuses];
const TOKYO = { timeZone: 'Asia/Tokyo', offset: 9 * HOUR };
const KOLKATA = { timeZone: 'Asia/Kolkata', offset: 5.5 * HOUR };

/** Tests a storage that is opened with another `timeZone` than that of its sums. */
export function zoneChangeContract({ it, describe }: TestTools, open: Opening): void {
  describe('a changed time zone', () => {
    /** Stores a week of records around the end of a month, with sums in UTC. */
    const filled = async (prune?: (storage: FullStorage) => Promise<unknown>) => {
      const place = open.place();
      const storage = await open({ hooks: HOOKS, place });
      const records = makeRecords(80, (index) => ({
        date: new Date(START + index * 2 * HOUR),
        url: `http://shop.example/${index % 3}`,
      }));
      await storage.store(records);
      await prune?.(storage);
      return { place, storage, records };
    };

    it('is refused, with both zones and what to do', async () => {
      const { place, storage } = await filled();
      const sums = await storage.getSum('url');
      await assert.rejects(open({ hooks: HOOKS, place, ...TOKYO }), (error: Error) => {
        for (const word of [/Asia\/Tokyo/, /UTC/, /onTimeZoneChange: 'rebuild'/])
          assert.match(error.message, word);
        return true;
      });
      const again = await open({ hooks: HOOKS, place });
      assert.deepStrictEqual(await again.getSum('url'), sums);
    });

    it('is no change where every bucket is the same, or none is there', async () => {
      const { place, storage } = await filled();
      const sums = await storage.getSum('url');
      const alias = await open({ hooks: HOOKS, place, timeZone: 'Etc/UTC' });
      assert.deepStrictEqual(await alias.getSum('url'), sums);
      // A new summary has no sums yet, so any time zone is accepted.
      await open({ hooks: [sumServer], place, ...TOKYO });
      const empty = open.place();
      await open({ hooks: HOOKS, place: empty });
      await open({ hooks: HOOKS, place: empty, ...TOKYO });
    });

    for (const zone of [TOKYO, KOLKATA])
      it(`rebuilds all sums in ${zone.timeZone} where that is asked for`, async () => {
        const { place, records } = await filled();
        const asked = { hooks: HOOKS, place, ...zone, onTimeZoneChange: 'rebuild' } as const;
        // Several processes start at once.
        const [storage, other] = await Promise.all([open(asked), open(asked)]);
        await assertSums(open, storage, records, zone.offset);
        const more = makeRecord({ date: new Date(START + 3 * HOUR), url: 'http://shop.example/1' });
        await other.store([more]);
        const again = await open({ hooks: HOOKS, place, ...zone });
        await assertSums(open, again, [...records, more], zone.offset);
      });

    it('counts nothing twice, and loses nothing, where records have been pruned', async () => {
      for (const [zone, gone] of [
        [TOKYO, 13],
        [KOLKATA, 40],
        [TOKYO, 61],
      ] as const) {
        const { place, records } = await filled((storage) =>
          storage.prune({ records: new Date(START + gone * 2 * HOUR) }),
        );
        const asked = { hooks: HOOKS, place, ...zone, onTimeZoneChange: 'rebuild' } as const;
        const storage = await open(asked);
        await assertCounts(storage, records.length);
        await storage.rebuildSummaries();
        await assertCounts(storage, records.length);
        const again = await open({ hooks: HOOKS, place, ...zone });
        await again.store([makeRecord({ date: new Date(START + 79 * 2 * HOUR) })]);
        await again.rebuildSummaries();
        await assertCounts(again, records.length + 1);
        // The original time zone is restored.
        const back = await open({ hooks: HOOKS, place, onTimeZoneChange: 'rebuild' });
        await assertCounts(back, records.length + 1);
      }
    });

    it('brings no sums back that have been pruned', async () => {
      const before = new Date(START + 40 * 2 * HOUR);
      const { place, records } = await filled((storage) => storage.prune({ hour: before }));
      const asked = { hooks: HOOKS, place, ...KOLKATA, onTimeZoneChange: 'rebuild' } as const;
      const storage = await open(asked);
      const { hour, day, month } = await storage.getSum('status', { limit: 1000 });
      const left = records.filter(({ date }) => date >= before).length;
      assert.equal(hitsOf(hour), left);
      assert.equal(hitsOf(day), records.length);
      assert.equal(hitsOf(month), records.length);
      assert.deepStrictEqual(await storage.verifySummaries(), []);
    });

    it('is found by verifying, and mended by a rebuild, where another process goes on in it', async () => {
      const place = open.place();
      const stranger = await open({ hooks: HOOKS, place });
      const storage = await open({ hooks: HOOKS, place, ...KOLKATA });
      const records = makeRecords(40, (index) => ({
        date: new Date(START + index * 3 * HOUR),
        url: `http://shop.example/${index % 3}`,
      }));
      await stranger.store(records.slice(0, 20));
      await storage.store(records.slice(20));
      const found = await storage.verifySummaries();
      for (const period of PERIODS) {
        const strange = found.filter((each) => each.period === period && !each.expected);
        const of = await stranger.getSum('url', { limit: 1000 });
        const rows = of[period].filter(({ date }) => +date % HOUR === 0);
        assert.ok(rows.length > 0);
        for (const { date, key } of rows)
          assert.ok(
            strange.some((each) => +each.date === +date && each.key === key),
            `${period} ${date.toISOString()} ${key}`,
          );
      }
      const last = await storage.verifySummaries({ endDate: records[19]!.date });
      assert.ok(last.some(({ expected }) => expected === null));
      await storage.rebuildSummaries();
      await assertSums(open, storage, records, KOLKATA.offset);
    });
  });
}

async function assertSums(
  open: Opening,
  storage: FullStorage,
  records: readonly UsageRecord[],
  offset: number,
): Promise<void> {
  for (const dimension of ['url', 'status']) {
    const sums = await storage.getSum(dimension, { limit: 1000 });
    for (const period of PERIODS)
      assert.deepStrictEqual(
        totalsOf(sums[period]),
        open.totals(records, KEYS[dimension]!, period, offset),
        `${dimension} by ${period}`,
      );
  }
  assert.deepStrictEqual(await storage.verifySummaries(), []);
}

async function assertCounts(storage: FullStorage, count: number): Promise<void> {
  for (const dimension of ['url', 'status']) {
    const sums = await storage.getSum(dimension, { limit: 1000 });
    for (const period of PERIODS) assert.equal(hitsOf(sums[period]), count, period);
  }
  assert.deepStrictEqual(await storage.verifySummaries(), []);
}

function hitsOf(sums: readonly { readonly hits: number }[]): number {
  return sums.reduce((sum, { hits }) => sum + hits, 0);
}
