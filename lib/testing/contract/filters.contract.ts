import { strict as assert } from 'node:assert';
import type { UsageRecord } from '../../record/index.js';
import type { UsageQuery } from '../../storages/contract/usage-query.js';
import type { UsageWhere } from '../../storages/contract/usage-where.js';
import { makeRecord } from '../make-record.js';
import { answersOf, type Opening } from './opening.js';
import { randomNumbers } from './random-traffic.js';
import type { TestTools } from './subject.js';

const NOON = Date.UTC(2026, 2, 1, 12);
const PAGE = 7;
const SEEDS = [1, 2, 3];

const TEXTS = [
  'pro',
  'Pro',
  'pr_',
  '%',
  "o'hara",
  '"\\',
  '$where',
  'a.b',
  'é🦄',
  '',
  '12',
  'true',
  null,
];
const JSON_VALUES = [...TEXTS, 12, 1.5, 1e21, true, false, ['pro'], { plan: 'pro' }];

/** What is asked for, and what it means. */
const WHERES: readonly [UsageWhere, (record: UsageRecord) => boolean][] = [
  [{ username: ['pro', null] }, (r) => r.username === 'pro' || r.username === null],
  [{ username: { not: 'pro' } }, (r) => r.username !== 'pro'],
  [{ username: { notIn: ['pro', null] } }, (r) => r.username !== 'pro' && r.username !== null],
  [{ username: { in: [] } }, () => false],
  [{ consumer: { startsWith: 'pr' } }, (r) => r.consumer?.startsWith('pr') === true],
  [{ consumer: { contains: '_' } }, (r) => r.consumer?.includes('_') === true],
  [{ consumer: { contains: '🦄' } }, (r) => r.consumer?.includes('🦄') === true],
  [{ consumer: { gte: 'a', lt: 'q' } }, (r) => /^[a-p]/.test(r.consumer ?? '')],
  [{ status: { gte: 400, lt: 500 } }, (r) => r.status >= 400 && r.status < 500],
  [{ statusClass: ['2xx', '5xx'] }, (r) => /^[25]/.test(String(r.status))],
  [{ speed: { gt: 0.1, lte: 0.3 } }, (r) => r.speed > 0.1 && r.speed <= 0.3],
  [{ contentLength: 512 }, (r) => r.contentLength === 512],
  [{ authorization: true }, (r) => r.authorization],
  [{ date: { gte: new Date(NOON + 20) } }, (r) => r.date.getTime() >= NOON + 20],
  [{ route: 'GET /cats/:id' }, (r) => r.method === 'GET' && r.route === '/cats/:id'],
  [{ route: { not: '/cats/:id' } }, (r) => r.route !== '/cats/:id'],
  [{ referrer: { gte: 'a.b', lt: 'n' } }, (r) => r.referrer === 'http://a.b/'],
  [{ referrer: { startsWith: 'news.example:' } }, (r) => r.referrer?.startsWith('https') === true],
  [{ referrer: { not: 'a.b' } }, (r) => r.referrer !== 'http://a.b/'],
  [{ userAgent: { gt: 'curl', contains: ' 8' } }, (r) => r.userAgent.version !== null],
  [{ userAgent: ['curl', null] }, (r) => r.userAgent.version === null],
  [{ url: 'http://shop.example/cats' }, (r) => r.url.split('?')[0] === 'http://shop.example/cats'],
  [{ country: { not: 'CH' } }, (r) => r.ipInfo?.country !== 'CH'],
  [{ client: 'curl 8.5.0', kind: 'library' }, (r) => r.userAgent.version === '8.5.0'],
  [{ 'userAgent.version': null }, (r) => r.userAgent.version === null],
  [{ 'trackVar.plan': 'pro' }, (r) => r.trackVar?.plan === 'pro'],
  [{ 'trackVar.plan': null }, (r) => typeof (r.trackVar?.plan ?? null) === 'object'],
  [{ 'trackVar.plan': { gt: 2 } }, (r) => isAboveTwo(r.trackVar?.plan)],
  [
    { 'trackVar.plan': [12, true] },
    (r) => [12, '12', true, 'true'].some((each) => each === r.trackVar?.plan),
  ],
  [{ 'trackVar.shop.plan': 'pro' }, (r) => planOf(r.trackVar?.shop) === 'pro'],
  [{ 'trackVar.a\\.b': 'pro' }, (r) => r.trackVar?.['a.b'] === 'pro'],
  [{ 'urlArgs.$where': 'pro' }, (r) => r.urlArgs['$where'] === 'pro'],
];

/** Tests `where` on odd records, and the orders and places of pages. */
export function filterContract({ it, describe }: TestTools, open: Opening): void {
  describe('filtering', () => {
    it('finds by each condition what a count by hand finds', async () => {
      for (const seed of SEEDS) {
        const records = oddRecords(seed);
        const storage = await open();
        await storage.store(records);
        const answers = answersOf(storage);
        for (const [where, isMatch] of WHERES) {
          const expected = records.filter(isMatch);
          const shown = JSON.stringify(where);
          assert.equal(await answers.countUsage({ where }), expected.length, shown);
          const streamed: UsageRecord[] = [];
          for await (const record of answers.streamUsage({ where })) streamed.push(record);
          assert.deepStrictEqual(streamed, expected, shown);
          for (let page = 1; page <= expected.length / PAGE + 1; page++)
            assert.deepStrictEqual(
              await answers.getUsage({ where, limit: PAGE, page }),
              expected.slice((page - 1) * PAGE, page * PAGE),
              shown,
            );
        }
      }
    });

    it('orders by speed, by length and by date, and goes on after a record', async () => {
      const records = oddRecords(4);
      const storage = await open();
      await storage.store(records);
      const answers = answersOf(storage);
      const all = (query: UsageQuery) => answers.getUsage({ ...query, limit: 1000 });
      const by = (field: 'speed' | 'contentLength', sign: number) =>
        records.toSorted((a, b) => sign * (a[field] - b[field]));
      assert.deepStrictEqual(await all({ orderBy: { speed: 'desc' } }), by('speed', -1));
      assert.deepStrictEqual(await all({ orderBy: { speed: 'asc' } }), by('speed', 1));
      const lengths = await all({ orderBy: { contentLength: 'desc' } });
      assert.deepStrictEqual(lengths, by('contentLength', -1));
      for (const [orderBy, expected] of [
        [{ date: 'desc' }, records],
        [{ date: 'asc' }, records.toReversed()],
        [{ speed: 'desc' }, by('speed', -1)],
        [{ contentLength: 'asc' }, by('contentLength', 1)],
      ] as const) {
        const found: UsageRecord[] = [];
        for (let isLast = false; !isLast;) {
          const last = found.at(-1);
          const after = last && (found.length > PAGE ? last : { date: last.date, id: last.id });
          const query = { orderBy, limit: PAGE, ...(after && { after }) };
          const page = await answers.getUsage(query);
          found.push(...page);
          isLast = page.length < PAGE;
        }
        assert.deepStrictEqual(found, expected);
      }
    });

    it('takes a span until now, and ends at once if it is told to', async () => {
      const old = makeRecord({ date: new Date(Date.now() - 3 * 3_600_000) });
      const young = makeRecord({ date: new Date(Date.now() - 3_600_000) });
      const storage = await open();
      await storage.store([old, young]);
      const answers = answersOf(storage);
      assert.deepStrictEqual(await answers.getUsage({ last: '90m' }), [young]);
      assert.equal(await answers.countUsage({ last: '1d' }), 2);
      const reason = new Error('enough');
      const isReason = (error: Error) => error === reason;
      await assert.rejects(answers.getUsage({ signal: AbortSignal.abort(reason) }), isReason);
      await assert.rejects(answers.countUsage({ signal: AbortSignal.abort(reason) }), isReason);
    });
  });
}

/** Records with odd values, the newest first. Some have one date. */
function oddRecords(seed: number): UsageRecord[] {
  const random = randomNumbers(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const records = Array.from({ length: 60 }, () =>
    makeRecord({
      date: new Date(NOON + Math.floor(random() * 40)),
      url: `http://shop.example/${pick(['cats', 'Cats', 'dogs'])}${pick(['', '?a=1?b'])}`,
      method: pick(['GET', 'POST']),
      route: pick(['/cats/:id', '/cats', null]),
      status: pick([200, 204, 404, 499, 500]),
      speed: Math.floor(random() * 500_000) / 1e6,
      contentLength: pick([0, 512, 2 ** 40]),
      authorization: pick([true, false]),
      username: pick(TEXTS),
      consumer: pick(TEXTS),
      referrer: pick(['https://News.example:8443/a?b', 'http://a.b/', null]),
      urlArgs: { $where: pick(TEXTS) ?? ['pro'] },
      trackVar: pick<UsageRecord['trackVar']>([
        null,
        { plan: pick(JSON_VALUES), shop: pick(JSON_VALUES) },
        { plan: pick(JSON_VALUES), 'a.b': pick(JSON_VALUES) },
      ]),
      ipInfo: pick([null, geography('CH'), geography('BR'), geography(null)]),
      userAgent: { ...makeRecord().userAgent, version: pick(['8.5.0', '8', null]) },
    }),
  );
  return records.sort((a, b) => b.date.getTime() - a.date.getTime() || (a.id < b.id ? 1 : -1));
}

function geography(country: string | null): UsageRecord['ipInfo'] {
  return { country, region: null, city: null, latitude: null, longitude: null, raw: {} };
}

function planOf(shop: unknown): unknown {
  return (shop as { plan?: unknown } | null | undefined)?.plan;
}

/** A number is compared with a number as a number, all else as text. */
function isAboveTwo(value: unknown): boolean {
  if (typeof value === 'number') return value > 2;
  if (typeof value !== 'string' && typeof value !== 'boolean') return false;
  return Buffer.compare(Buffer.from(String(value)), Buffer.from('2')) > 0;
}
