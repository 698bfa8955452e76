import {
  MemoryStorage,
  UsageQueryError,
  UsageReader,
  type ReportQuery,
  type UsageReport,
} from 'nestjs-track-usage';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { setImmediate } from 'node:timers';
import { describe, expect, expectTypeOf, it } from 'vitest';

const NOON = Date.UTC(2026, 2, 1, 12);
const HOUR = 3_600_000;

async function readerOf(records: ReturnType<typeof makeRecords>): Promise<UsageReader> {
  const storage = new MemoryStorage();
  await storage.store(records);
  return new UsageReader(storage);
}

describe('A report', () => {
  it('without dimensions is one row, even without requests', async () => {
    const reader = await readerOf([]);
    const metrics = ['hits', 'duration', 'routes', 'mean', 'p95', 'errorRate', 'lastSeen'] as const;
    const report = await reader.report({ metrics });
    const none = {
      ...{ hits: 0, duration: 0, routes: 0 },
      ...{ mean: null, p95: null, errorRate: null, lastSeen: null },
    };
    expect(report.rows).toEqual([none]);
    expect(report).toMatchObject({ totals: none, rest: null, groups: 1, approximate: [] });
    expect(report.range.startDate).toEqual(report.range.endDate);
    expect((await reader.report({ metrics, dimensions: ['route'] })).rows).toEqual([]);
  });

  it('covers requests whose date lies ahead of the clock', async () => {
    const ahead = new Date(Date.now() + 48 * HOUR);
    const reader = await readerOf([makeRecord({ date: ahead })]);
    const { rows, range } = await reader.report();
    expect(rows).toEqual([{ hits: 1 }]);
    expect(range.endDate).toEqual(ahead);
  });

  it('marks the bucket that the present cuts, and those to come', async () => {
    const reader = await readerOf([]);
    const hour = Math.floor(Date.now() / HOUR) * HOUR;
    const { rows } = await reader.report({
      interval: 'hour',
      startDate: new Date(hour - 2 * HOUR),
      endDate: new Date(hour + 2 * HOUR - 1),
    });
    expect(rows.map(({ partial }) => partial).slice(0, 2)).toEqual([undefined, undefined]);
    expect(rows.at(-1)!.partial).toBe(true);
  });

  it('counts fractional weights of version 0.1 as sums do', async () => {
    const records = makeRecords(200, { date: new Date(NOON), weight: 2.5 });
    const [row] = (await (await readerOf(records)).report()).rows;
    expect(row!.hits).toBeGreaterThan(400);
    expect(row!.hits).toBeLessThan(600);
    expect(Number.isInteger(row!.hits)).toBe(true);
  });

  it('orders by a metric that it does not show', async () => {
    const reader = await readerOf([
      makeRecord({ route: '/a', speed: 0.1 }),
      makeRecord({ route: '/b', speed: 0.3 }),
    ]);
    const { rows } = await reader.report({ dimensions: ['route'], orderBy: { p99: 'asc' } });
    expect(rows).toEqual([
      { route: 'GET /a', hits: 1 },
      { route: 'GET /b', hits: 1 },
    ]);
  });

  it('of many groups leaves turns of the event loop to others', async () => {
    const records = makeRecords(60_000, (index) => ({ username: `user ${index % 40_000}` }));
    const reader = await readerOf(records);
    // The first query sorts the records.
    await reader.getUsage({ limit: 1 });
    let turns = 0;
    let isOver = false;
    const turn = () => {
      turns++;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const { groups, rest } = await reader.report({
      metrics: ['hits', 'p95', 'users'],
      dimensions: ['username'],
      limit: 10,
    });
    isOver = true;
    expect(groups).toBe(40_000);
    expect(rest).toMatchObject({ groups: 39_990, users: 39_990 });
    expect(turns).toBeGreaterThan(3);
  });

  it('types its rows by the question', async () => {
    const reader = await readerOf([]);
    const range = { startDate: new Date(NOON), endDate: new Date(NOON + HOUR) };
    const plain = await reader.report();
    expectTypeOf(plain.rows[0]!).branded.toEqualTypeOf<{ hits: number }>();
    const report = await reader.report({
      ...range,
      metrics: ['p95', 'firstSeen'],
      dimensions: ['route', 'status', 'trackVar.plan'],
      interval: 'hour',
      compare: 'previous',
      orderBy: { p95: 'desc', route: 'asc' },
    });
    expectTypeOf(report.rows[0]!).branded.toEqualTypeOf<{
      route: string | null;
      status: number | '(other)' | null;
      'trackVar.plan': string | null;
      date: Date;
      partial?: true;
      p95: number | null;
      firstSeen: Date | null;
      previous: { p95: number | null; firstSeen: Date | null };
    }>();
    expectTypeOf(report.totals.p95).toEqualTypeOf<number | null>();
    expectTypeOf(report.rest).exclude<null>().toHaveProperty('groups');
    // @ts-expect-error: not a metric of the question.
    void report.totals.hits;
    // @ts-expect-error: no such metric.
    const wrong: ReportQuery = { metrics: ['visits'] };
    // @ts-expect-error: no dimension of the question.
    const unordered = reader.report({ dimensions: ['route'], orderBy: { username: 'asc' } });
    await expect(unordered).rejects.toThrow(UsageQueryError);
    await expect(reader.report(wrong)).rejects.toThrow('did you mean visitors?');
    const query: ReportQuery = { dimensions: ['method'] };
    const any: UsageReport = await reader.report(query);
    expect(any.groups).toBe(0);
  });

  it.each<[object, string, string]>([
    [{ metric: ['hits'] }, 'metric', 'did you mean metrics?'],
    [{ metrics: [] }, 'metrics', 'at least one metric'],
    [{ metrics: 'hits' }, 'metrics', "such as ['hits']"],
    [{ metrics: ['hit'] }, 'metrics', 'did you mean hits?'],
    [{ metrics: ['hits', 'hits'] }, 'metrics', 'once'],
    [{ dimensions: ['routes'] }, 'dimensions', 'did you mean route?'],
    [{ dimensions: ['route', 'route'] }, 'dimensions', 'once'],
    [{ dimensions: [7] }, 'dimensions', '7'],
    [{ dimensions: 'route' }, 'dimensions', "['route']"],
    [{ dimensions: ['__proto__'] }, 'dimensions', '__proto__'],
    [{ dimensions: ['trackVar.'] }, 'dimensions', 'trackVar.'],
    [{ interval: 'weeks' }, 'interval', 'did you mean week?'],
    [{ interval: null }, 'interval', 'null'],
    [{ compare: 'last', startDate: new Date(NOON) }, 'compare', 'previous, week, year'],
    [{ compare: 'previous' }, 'compare', 'startDate'],
    [{ orderBy: 'hits' }, 'orderBy', "{ hits: 'desc' }"],
    [{ orderBy: { hits: 'down' } }, 'orderBy.hits', "'asc' or 'desc'"],
    [{ orderBy: { route: 'asc' } }, 'orderBy.route', 'hits'],
    [{ limit: 10_001 }, 'limit', '1 to 10000'],
    [{ limit: 0 }, 'limit', '0'],
    [{ page: 0 }, 'page', '0'],
    [{ page: 2 ** 52, limit: 10_000 }, 'page', 'safe integer'],
    [{ where: { hits: 1 } }, 'where.hits', 'hits'],
    [{ startDate: new Date(NaN) }, 'startDate', 'Invalid Date'],
    [{ startDate: new Date(2), endDate: new Date(1) }, 'startDate', '1970'],
    [[], 'query', '[]'],
    [{ interval: 'minute', startDate: new Date(0) }, 'interval', '100000 buckets'],
  ])('refuses %o', async (query, field, shown) => {
    const reader = await readerOf([makeRecord()]);
    const failure = await reader.report(query as ReportQuery).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UsageQueryError);
    expect((failure as UsageQueryError).field).toBe(field);
    expect((failure as UsageQueryError).message).toContain(shown);
  });

  it('refuses more rows than memory should hold', async () => {
    const reader = await readerOf(makeRecords(30, (index) => ({ username: `user ${index}` })));
    const question = {
      dimensions: ['username'],
      interval: 'minute',
      startDate: new Date(Date.UTC(2026, 5, 1)),
      endDate: new Date(Date.UTC(2026, 6, 1)),
    } as const;
    await expect(reader.report(question)).rejects.toThrow(/limit: expected at most 23 groups/);
    expect((await reader.report({ ...question, limit: 1 })).rows).toHaveLength(43_201);
  });
});
