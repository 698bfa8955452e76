import { strict as assert } from 'node:assert';
import { summary } from '../../summary/index.js';
import { makeRecord } from '../make-record.js';
import type { Opening } from './opening.js';
import type { TestTools } from './subject.js';

const PERIODS = ['hour', 'day', 'month'] as const;

type Case = readonly [instant: string, hour: string, day: string, month: string];

/** Instants with the first instants of their hour, day and month. */
const ZONES: Record<string, readonly Case[]> = {
  UTC: [
    ['2028-02-28T23:59:59.999Z', '2028-02-28T23:00Z', '2028-02-28T00:00Z', '2028-02-01T00:00Z'],
    ['2028-02-29T00:00:00.000Z', '2028-02-29T00:00Z', '2028-02-29T00:00Z', '2028-02-01T00:00Z'],
    ['2028-03-01T00:00:00.000Z', '2028-03-01T00:00Z', '2028-03-01T00:00Z', '2028-03-01T00:00Z'],
    ['2100-02-28T23:59:59.999Z', '2100-02-28T23:00Z', '2100-02-28T00:00Z', '2100-02-01T00:00Z'],
    ['2100-03-01T00:00:00.000Z', '2100-03-01T00:00Z', '2100-03-01T00:00Z', '2100-03-01T00:00Z'],
    ['2026-12-31T23:59:59.999Z', '2026-12-31T23:00Z', '2026-12-31T00:00Z', '2026-12-01T00:00Z'],
  ],
  // The clock goes from 2 to 3 on March 29, and from 3 to 2 on October 25.
  'Europe/Zurich': [
    ['2026-03-29T00:59:59.999Z', '2026-03-29T00:00Z', '2026-03-28T23:00Z', '2026-02-28T23:00Z'],
    ['2026-03-29T01:00:00.000Z', '2026-03-29T01:00Z', '2026-03-28T23:00Z', '2026-02-28T23:00Z'],
    ['2026-03-29T21:59:59.999Z', '2026-03-29T21:00Z', '2026-03-28T23:00Z', '2026-02-28T23:00Z'],
    ['2026-03-29T22:00:00.000Z', '2026-03-29T22:00Z', '2026-03-29T22:00Z', '2026-02-28T23:00Z'],
    ['2026-03-31T22:00:00.000Z', '2026-03-31T22:00Z', '2026-03-31T22:00Z', '2026-03-31T22:00Z'],
    ['2026-10-25T00:30:00.000Z', '2026-10-25T00:00Z', '2026-10-24T22:00Z', '2026-09-30T22:00Z'],
    ['2026-10-25T01:30:00.000Z', '2026-10-25T01:00Z', '2026-10-24T22:00Z', '2026-09-30T22:00Z'],
    ['2026-10-25T22:59:59.999Z', '2026-10-25T22:00Z', '2026-10-24T22:00Z', '2026-09-30T22:00Z'],
    ['2026-10-25T23:00:00.000Z', '2026-10-25T23:00Z', '2026-10-25T23:00Z', '2026-09-30T22:00Z'],
    ['2026-10-31T23:00:00.000Z', '2026-10-31T23:00Z', '2026-10-31T23:00Z', '2026-10-31T23:00Z'],
  ],
  // From 2 to 3 on March 8; from 2 to 1 on November 1, the first day of a month.
  'America/New_York': [
    ['2026-03-08T06:30:00.000Z', '2026-03-08T06:00Z', '2026-03-08T05:00Z', '2026-03-01T05:00Z'],
    ['2026-03-08T07:30:00.000Z', '2026-03-08T07:00Z', '2026-03-08T05:00Z', '2026-03-01T05:00Z'],
    ['2026-11-01T03:59:59.999Z', '2026-11-01T03:00Z', '2026-10-31T04:00Z', '2026-10-01T04:00Z'],
    ['2026-11-01T05:30:00.000Z', '2026-11-01T05:00Z', '2026-11-01T04:00Z', '2026-11-01T04:00Z'],
    ['2026-11-01T06:30:00.000Z', '2026-11-01T06:00Z', '2026-11-01T04:00Z', '2026-11-01T04:00Z'],
    ['2026-12-01T04:59:59.999Z', '2026-12-01T04:00Z', '2026-11-30T05:00Z', '2026-11-01T04:00Z'],
  ],
  'Asia/Kolkata': [
    ['2028-02-28T18:29:59.999Z', '2028-02-28T17:30Z', '2028-02-27T18:30Z', '2028-01-31T18:30Z'],
    ['2028-02-28T18:30:00.000Z', '2028-02-28T18:30Z', '2028-02-28T18:30Z', '2028-01-31T18:30Z'],
    ['2028-02-29T18:30:00.000Z', '2028-02-29T18:30Z', '2028-02-29T18:30Z', '2028-02-29T18:30Z'],
    ['2027-02-28T18:30:00.000Z', '2027-02-28T18:30Z', '2027-02-28T18:30Z', '2027-02-28T18:30Z'],
  ],
  // By half an hour: from 2 to 1:30 on April 5, and from 2 to 2:30 on October 4.
  'Australia/Lord_Howe': [
    ['2026-04-04T14:45:00.000Z', '2026-04-04T14:00Z', '2026-04-04T13:00Z', '2026-03-31T13:00Z'],
    ['2026-04-04T15:15:00.000Z', '2026-04-04T15:00Z', '2026-04-04T13:00Z', '2026-03-31T13:00Z'],
    ['2026-04-04T15:30:00.000Z', '2026-04-04T15:30Z', '2026-04-04T13:00Z', '2026-03-31T13:00Z'],
    ['2026-10-03T15:15:00.000Z', '2026-10-03T14:30Z', '2026-10-03T13:30Z', '2026-09-30T13:30Z'],
    ['2026-10-03T15:45:00.000Z', '2026-10-03T15:30Z', '2026-10-03T13:30Z', '2026-09-30T13:30Z'],
  ],
};

/** Tests that buckets follow the clock of a time zone. */
export function zoneContract({ it, describe }: TestTools, open: Opening): void {
  describe('buckets', () => {
    for (const [timeZone, cases] of Object.entries(ZONES))
      it(`are cut as clocks show it in ${timeZone}`, async () => {
        const sumInstants = summary('instant', ({ date }) => date.toISOString());
        const storage = await open({ hooks: [sumInstants], timeZone });
        await storage.store(cases.map(([instant]) => makeRecord({ date: new Date(instant) })));
        const sums = await storage.getSum('instant');
        for (const [index, period] of PERIODS.entries()) {
          const found = new Map(sums[period].map(({ key, date }) => [key, date]));
          for (const [instant, ...starts] of cases) {
            const start = new Date(starts[index]!);
            assert.deepStrictEqual(found.get(instant), start, `${period} of ${instant}`);
            // The bucket is found from any instant in it.
            const query = { startDate: new Date(instant), target: instant };
            const [of] = (await storage.getSum('instant', query))[period];
            assert.deepStrictEqual(of?.date, start, `${period} of ${instant}`);
          }
        }
        assert.deepStrictEqual(await storage.verifySummaries(), []);
        await storage.rebuildSummaries();
        assert.deepStrictEqual(await storage.getSum('instant'), sums);
      });
  });
}
