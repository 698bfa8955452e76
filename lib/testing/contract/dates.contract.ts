import { strict as assert } from 'node:assert';
import { sumStatuses, sumUrls } from '../../summary/index.js';
import { makeRecord } from '../make-record.js';
import type { FullStorage, Opening } from './opening.js';
import type { TestTools } from './subject.js';

const FIRST = new Date(-8.64e15);
const LAST = new Date(8.64e15);
const PERIODS = ['hour', 'day', 'month'] as const;

const DATES = [
  FIRST,
  new Date(FIRST.getTime() + 1),
  new Date('-000001-12-31T23:59:59.999Z'),
  new Date('0000-01-01T00:00:00.000Z'),
  new Date('1969-12-31T23:59:59.999Z'),
  new Date(0),
  new Date('2024-02-29T12:00:00.000Z'),
  new Date('9999-12-31T23:59:59.999Z'),
  new Date('+010000-01-01T00:00:00.000Z'),
  new Date(LAST.getTime() - 1),
  LAST,
];

/** Tests dates over the whole range of `Date`. No clock gives them, but `anonymize` may. */
export function dateContract({ it, describe }: TestTools, open: Opening): void {
  describe('dates up to the ends of time', () => {
    const filled = async (timeZone = 'UTC') => {
      const storage = await open({ hooks: [sumUrls, sumStatuses], timeZone });
      const records = DATES.map((date) => makeRecord({ date, url: 'http://shop.example/a' }));
      await storage.store(records);
      return { storage, records };
    };

    it('are kept in order, and found', async () => {
      const { storage, records } = await filled();
      assert.deepStrictEqual(await storage.getUsage(), records.toReversed());
      const between = { startDate: DATES[2]!, endDate: DATES[8]! };
      assert.deepStrictEqual(await storage.getUsage(between), records.slice(2, 9).toReversed());
      assert.equal(await storage.countUsage({ startDate: FIRST, endDate: LAST }), DATES.length);
      assert.deepStrictEqual(await storage.getUsage({ startDate: LAST }), [records.at(-1)]);
      assert.deepStrictEqual(await storage.getUsage({ endDate: FIRST }), [records[0]]);
      const streamed = [];
      for await (const record of storage.streamUsage()) streamed.push(record);
      assert.deepStrictEqual(streamed, records.toReversed());
    });

    for (const timeZone of ['UTC', 'Asia/Kolkata', 'America/New_York'])
      it(`are summed up, and recomputed, in ${timeZone}`, async () => {
        const { storage } = await filled(timeZone);
        const sums = await storage.getSum('url');
        for (const period of PERIODS) {
          assert.equal(
            sums[period].reduce((total, { hits }) => total + hits, 0),
            DATES.length,
          );
          assert.equal(sums[period][0]!.hits, 2);
          assert.deepStrictEqual(sums[period].at(-1)!.date, FIRST);
        }
        assert.deepStrictEqual(await storage.verifySummaries(), []);
        assert.deepStrictEqual(await storage.verifySummaries({ startDate: LAST }), []);
        assert.deepStrictEqual(await storage.verifySummaries({ endDate: FIRST }), []);
        await storage.rebuildSummaries();
        assert.deepStrictEqual(await storage.getSum('url'), sums);
        assert.deepStrictEqual(await countRows(storage, { startDate: LAST }), [1, 1, 1]);
        assert.deepStrictEqual(await countRows(storage, { startDate: FIRST }), [1, 1, 1]);
        const all = PERIODS.map((period) => sums[period].length);
        assert.deepStrictEqual(await countRows(storage, { startDate: FIRST, endDate: LAST }), all);
      });

    it('are no reason for retention to stop short, or to go on', async () => {
      const { storage, records } = await filled();
      const nothing = { records: 0, hour: 0, day: 0, month: 0 };
      const all = (date: Date) => ({ records: date, hour: date, day: date, month: date });
      assert.deepStrictEqual(await storage.prune(all(FIRST)), nothing);
      assert.deepStrictEqual(await storage.verifySummaries(), []);

      const counts = await storage.prune({ records: new Date(1), hour: new Date(1) });
      assert.equal(counts.records, 6);
      assert.deepStrictEqual(await storage.getUsage(), records.slice(6).toReversed());
      assert.deepStrictEqual(await storage.verifySummaries(), []);

      await storage.prune(all(LAST));
      assert.deepStrictEqual(await storage.getUsage(), [records.at(-1)]);
      const sums = await storage.getSum('url');
      for (const period of PERIODS)
        assert.deepStrictEqual(
          sums[period].map(({ hits }) => hits),
          [2],
        );
      assert.deepStrictEqual(await storage.verifySummaries(), []);
      await storage.rebuildSummaries();
      assert.deepStrictEqual(await storage.getSum('url'), sums);
    });
  });
}

async function countRows(storage: FullStorage, query: { startDate?: Date; endDate?: Date }) {
  const sums = await storage.getSum('url', query);
  return PERIODS.map((period) => sums[period].length);
}
