import { strict as assert } from 'node:assert';
import type { UsageRecord } from '../../record/index.js';
import { reportOfRecords } from '../../storages/base/report/report-of-records.js';
import type { ReportQuery, UsageReport } from '../../storages/contract/usage-report.js';
import type { UsageStorage } from '../../storages/contract/usage-storage.js';
import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import { sumBy, sumConsumers, sumRoutes, sumStatuses } from '../../summary/index.js';
import { has } from './features.js';
import { answersOf, type FullStorage, type Opening } from './opening.js';
import { randomNumbers, randomTraffic } from './random-traffic.js';
import { assertReport } from './reports/assert-report.js';
import { randomQuestion } from './reports/random-question.js';
import type { StorageSubject, TestTools } from './subject.js';

const DAY = 86_400_000;
const HOOKS = [sumRoutes, sumStatuses, sumConsumers, sumBy('consumer', 'route')];
/** The clocks of the first two change in the time of the traffic. */
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata'];
/** Around changes of the clocks, and the same days a year before. */
const DAYS = [
  Date.UTC(2026, 2, 8),
  Date.UTC(2026, 2, 29),
  Date.UTC(2026, 2, 31),
  Date.UTC(2025, 2, 30),
];
const RECORDS = 90;
const QUESTIONS = 12;

/**
 * Tests reports on random traffic, which equal a count of its records. A storage needs no more than
 * `getUsage`; without it, there is nothing to test.
 */
export function reportContract(
  { it, describe }: TestTools,
  open: Opening,
  subject: StorageSubject,
): void {
  const hooks = has(subject, 'sums') ? HOOKS : [];
  const ask = (storage: FullStorage, query: ReportQuery, timeZone: string): Promise<UsageReport> =>
    typeof storage.report === 'function'
      ? storage.report(query)
      : reportOfRecords(
          query,
          timeZone,
          storage,
          (filter) => answersOf(storage).streamUsage(filter),
          async () => new Map(),
        );

  describe('reports', () => {
    for (const [seed, timeZone] of ZONES.entries())
      it(`equal a count of the records in ${timeZone}, whatever is asked`, async () => {
        const random = randomNumbers(100 + seed);
        const records = traffic(random);
        const dates = records.map(({ date }) => date);
        const storage = await open({ hooks, timeZone });
        if (!givesPages(storage)) return;
        for (let at = 0; at < RECORDS; at += 30) await storage.store(records.slice(at, at + 30));
        for (let count = 0; count < QUESTIONS; count++) {
          const { query, matches } = randomQuestion(random, dates);
          const now = Date.now();
          const report = await ask(storage, query, timeZone);
          // Without an end it is the present.
          const endDate = query.endDate ?? report.range.endDate;
          assert.ok(query.endDate || endDate.getTime() >= now);
          assertReport(report, records, { query: { ...query, endDate }, matches, timeZone, now });
        }
      });

    if (has(subject, 'reading', 'sums') && subject.shared)
      it('count what was stored before a summary was kept, and while it was not', async () => {
        const random = randomNumbers(200);
        const records = traffic(random);
        const dates = records.map(({ date }) => date);
        const place = open.place();
        const timeZone = 'Europe/Berlin';
        for (const [part, kept] of [hooks.slice(0, 2), hooks.slice(2), hooks].entries()) {
          const storage = await open({ place, hooks: kept, timeZone });
          await storage.store(records.slice(part * 30, part * 30 + 30));
          await storage.close();
        }
        const storage = await open({ place, hooks, timeZone });
        for (let count = 0; count < QUESTIONS; count++) {
          const { query, matches } = randomQuestion(random, dates);
          const now = Date.now();
          const report = await ask(storage, query, timeZone);
          const endDate = query.endDate ?? report.range.endDate;
          assertReport(report, records, { query: { ...query, endDate }, matches, timeZone, now });
        }
      });

    if (has(subject, 'reading', 'sums') && subject.shared)
      it('begin with the first request where they are given no start', async () => {
        const records = traffic(randomNumbers(400));
        const first = Math.min(...records.map(({ date }) => date.getTime()));
        const place = open.place();
        const timeZone = 'UTC';
        // The first are counted from records, in the part of the range that no sum knows.
        const old = await open({ place, hooks: [], timeZone });
        await old.store(records.slice(0, RECORDS / 2));
        await old.close();
        const storage = await open({ place, hooks, timeZone });
        await storage.store(records.slice(RECORDS / 2));
        for (const dimension of ['route', 'status', 'method', 'consumer'] as const) {
          const asked: ReportQuery = { metrics: ['hits'], dimensions: [dimension] };
          for (const query of [asked, { ...asked, interval: 'month' as const }]) {
            const { range } = await ask(storage, query, timeZone);
            assert.equal(range.startDate.getTime(), first, JSON.stringify(query));
          }
        }
      });

    if (has(subject, 'reading', 'retention'))
      it('say of what they count where records have been pruned', async () => {
        const random = randomNumbers(300);
        const records = traffic(random);
        const dates = records.map(({ date }) => date);
        const timeZone = 'UTC';
        const storage = await open({ hooks, timeZone });
        await storage.store(records);
        const before = new Date(Date.UTC(2026, 2, 29, 10, 30));
        await storage.prune({ records: before });
        for (let count = 0; count < QUESTIONS; count++) {
          const { query: asked, matches } = randomQuestion(random, dates);
          const query = { ...asked, compare: undefined };
          const now = Date.now();
          const report = await ask(storage, query, timeZone).catch((error: unknown) => {
            if (error instanceof UsageQueryError && error.field === 'startDate') return null;
            throw error;
          });
          if (report === null) continue;
          const { startDate, endDate } = report.range;
          assertReport(report, records, {
            query: { ...query, startDate, endDate },
            ...{ matches, timeZone, now },
          });
        }
      });
  });
}

function givesPages(storage: UsageStorage): boolean {
  return typeof storage.getUsage === 'function';
}

/** Random requests of a few days, with what reports group and count by. */
function traffic(random: () => number): UsageRecord[] {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  return randomTraffic(RECORDS, random).map((record) => ({
    ...record,
    date: new Date(pick(DAYS) + Math.floor(random() * 1.5 * DAY)),
    consumer: pick(['shop', "o'hara", '%', 'é🦄', null]),
    consumerGroup: pick(['pro', null]),
    username: pick(['Ada', 'ada', '(none)', '(other)', '', null]),
    release: pick(['1.2.0', '1.10.0', null]),
    referrer: pick(['https://News.example:8443/a?b', 'http://a.b/', null]),
    trackVar: pick([null, { plan: 7 }, { plan: '7' }, { plan: true }, { plan: ['x'] }]),
  }));
}
