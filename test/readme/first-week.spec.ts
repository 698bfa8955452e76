import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import {
  MemoryStorage,
  SqliteStorage,
  sumBasic,
  sumConsumers,
  sumRoutes,
  TrackUsageModule,
  UsageService,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { randomNumbers } from '../support/contract-parts.js';
import { readSnippets, writeSnippets } from './snippets.js';

const folder = new URL('.snippets/first-week/', import.meta.url);
const NAMES = ['busiest-routes.ts', 'first-week.service.ts'];

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 5, 17, 10, 31, 7, 250);
const HOOKS = [sumBasic, sumRoutes, sumConsumers];

/** Requests of the last 40 days, most of them of the last hours. */
function traffic(): UsageRecord[] {
  const random = randomNumbers(5);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  return makeRecords(1500, () => ({
    date: new Date(NOW - Math.floor(random() ** 3 * 40 * DAY)),
    url: `http://shop.example/cats/${pick(['7', '8', '"quoted",'])}?q=1`,
    method: pick(['GET', 'GET', 'GET', 'POST']),
    route: pick([...'abcdefghijklmno'.split('').map((name) => `/${name}`), null]),
    status: pick([200, 200, 200, 404, 500, 503]),
    speed: Math.floor(random() * 2_000_000) / 1e6,
    consumer: pick(['shop', 'app', 'acme, Inc.', null]),
    username: pick(['ada', 'bob', 'eve', null]),
    apiVersion: pick(['1', '2', null]),
    release: pick(['1.1.0', '1.2.0', '1.3.0', null]),
    trackVar: pick([{ plan: 'pro' }, null]),
    userAgent: {
      ...{ browser: null, version: null, platform: null, language: null, string: null },
      kind: pick(['browser', 'bot']),
    },
  }));
}

/** The numbers of some records, counted one by one. */
function count(records: readonly UsageRecord[]) {
  const speeds = records.map(({ speed }) => speed).sort((a, b) => a - b);
  const errors = records.filter(({ status }) => status >= 500).length;
  return {
    hits: records.length,
    errors,
    errorRate: records.length ? errors / records.length : null,
    p95: speeds[Math.ceil(0.95 * speeds.length) - 1] ?? null,
    users: new Set(records.flatMap(({ username }) => username ?? [])).size,
    consumers: new Set(records.flatMap(({ consumer }) => consumer ?? [])).size,
    lastSeen: new Date(Math.max(...records.map(({ date }) => date.getTime()))),
  };
}

type Count = ReturnType<typeof count>;

/** The groups by what a key tells, with the most hits, or another number, first. */
function groups(
  records: readonly UsageRecord[],
  key: (record: UsageRecord) => string | null,
  by: (count: Count) => number = ({ hits }) => hits,
): [string | null, Count][] {
  const found = new Map<string | null, UsageRecord[]>();
  for (const record of records) found.set(key(record), [...(found.get(key(record)) ?? []), record]);
  return [...found]
    .map(([name, some]): [string | null, Count] => [name, count(some)])
    .sort(
      ([a, one], [b, other]) =>
        by(other) - by(one) || Number(a === null) - Number(b === null) || (a! < b! ? -1 : 1),
    );
}

const routeOf = ({ method, route }: UsageRecord) => route && `${method} ${route}`;

function nearly(expected: number | null) {
  return expected === null ? null : expect.closeTo(expected, -Math.log10(expected * 0.02 * 2));
}

describe.each<[string, (file: string) => UsageStorage]>([
  ['memory', () => new MemoryStorage({ hooks: HOOKS })],
  ['SQLite', (database) => new SqliteStorage({ database, hooks: HOOKS })],
])('The questions of the first week, asked as the manual does, on %s', (_name, create) => {
  let directory: string;
  let module: TestingModule;
  let usage: UsageService;
  let week: any;
  let records: UsageRecord[];
  const since = (ms: number) => records.filter(({ date }) => date.getTime() >= NOW - ms);

  beforeAll(async () => {
    // The questions end at the present, and no request may cross an edge while they are asked.
    vi.useFakeTimers({ toFake: ['Date'], now: NOW });
    const snippets = await readSnippets();
    await writeSnippets(
      snippets.filter(({ name }) => NAMES.includes(name)),
      folder,
    );
    const { FirstWeek } = await import(/* @vite-ignore */ `${folder.href}first-week.service.ts`);
    directory = await mkdtemp(join(tmpdir(), 'track-usage-'));
    const storage = create(join(directory, 'usage.sqlite'));
    module = await Test.createTestingModule({
      imports: [TrackUsageModule.forRoot({ storages: [storage] })],
      providers: [FirstWeek],
    }).compile();
    await module.init();
    usage = module.get(UsageService);
    week = module.get(FirstWeek);
    records = traffic();
    await storage.store(records);
  });

  afterAll(async () => {
    await module.close();
    await rm(directory, { recursive: true });
    vi.useRealTimers();
  });

  it('the busiest routes, with p95 and error rate', async () => {
    const { rows, groups: all } = await week.topRoutes();
    const expected = groups(since(7 * DAY), routeOf);
    expect(rows).toEqual(
      expected.slice(0, 10).map(([route, { hits, p95, errorRate }]) => ({
        ...{ route, hits, errorRate },
        p95: nearly(p95),
      })),
    );
    expect(all).toBe(expected.length);
  });

  it('the busiest routes of the section on reports, beside the week before', async () => {
    const { busiestRoutes } = await import(/* @vite-ignore */ `${folder.href}busiest-routes.ts`);
    const { rows } = await busiestRoutes(usage);
    const people = (some: readonly UsageRecord[]) =>
      some.filter(({ userAgent }) => userAgent.kind !== 'bot');
    const current = people(since(7 * DAY));
    const before = people(since(14 * DAY)).filter((record) => !current.includes(record));
    const shown = ({ hits, p95, errorRate, consumers }: Count) => ({
      ...{ hits, errorRate, consumers },
      p95: nearly(p95),
    });
    expect(rows).toEqual(
      groups(current, routeOf)
        .slice(0, 10)
        .map(([route, now]) => ({
          route,
          ...shown(now),
          previous: shown(count(before.filter((record) => routeOf(record) === route))),
        })),
    );
  });

  it('who calls version 1', async () => {
    const { rows } = await week.callersOf('1');
    const first = records.filter(({ apiVersion }) => apiVersion === '1');
    expect(rows).toEqual(
      groups(first, ({ consumer }) => consumer).map(([consumer, { hits, lastSeen }]) => ({
        ...{ consumer, hits, lastSeen },
      })),
    );
  });

  it('active users by day', async () => {
    const { rows, totals } = await week.activeUsers();
    const days = groups(since(30 * DAY), ({ date }) => date.toISOString().slice(0, 10));
    const byDay = new Map(days);
    expect(rows.map(({ date, users }: any) => [date.toISOString().slice(0, 10), users])).toEqual(
      Array.from({ length: 31 }, (_, day) => {
        const date = new Date(NOW - (30 - day) * DAY).toISOString().slice(0, 10);
        return [date, byDay.get(date)?.users ?? 0];
      }),
    );
    expect(totals.users).toBe(3);
  });

  it('requests per key this month', async () => {
    const { rows, range } = await week.requestsPerKey();
    const month = new Date(NOW).toISOString().slice(0, 7);
    expect(range.startDate.toISOString()).toBe(`${month}-01T00:00:00.000Z`);
    const ofMonth = records.filter(({ date }) => date.toISOString().startsWith(month));
    expect(rows).toEqual(
      groups(ofMonth, ({ consumer }) => consumer).map(([consumer, { hits }]) => ({
        ...{ consumer, hits },
      })),
    );
  });

  it('the slowest requests of the last hour, with their variables', async () => {
    const slowest = since(HOUR).sort(
      (a, b) => b.speed - a.speed || b.date.getTime() - a.date.getTime(),
    );
    expect(slowest.length).toBeGreaterThan(20);
    expect(await week.slowest()).toEqual(
      slowest.slice(0, 20).map(({ speed, url, trackVar }) => ({ speed, url, trackVar })),
    );
  });

  it('errors by route since the last release, against the release before', async () => {
    const { rows } = await week.errorsByRoute('1.3.0', '1.2.0');
    const expected = groups(
      records.filter(({ release }) => release === '1.3.0' || release === '1.2.0'),
      (record) => JSON.stringify([routeOf(record), record.release]),
      () => 0,
    ).map(([key, { errors, errorRate }]) => {
      const [route, release] = JSON.parse(key!) as [string | null, string];
      return { route, release, errors, errorRate };
    });
    const last = expected.filter(({ route }) => route === null);
    expect(rows).toEqual([...expected.filter(({ route }) => route !== null), ...last]);
  });

  it('a day as CSV', async () => {
    const day = new Date(NOW - DAY).toISOString().slice(0, 10);
    const range = {
      startDate: new Date(`${day}T00:00:00.000Z`),
      endDate: new Date(`${day}T23:59:59.999Z`),
    };
    let text = '';
    for await (const line of week.csvOf(range)) text += line;
    const [head, ...lines] = text.split('\r\n');
    expect(head).toBe('date,method,url,status,consumer');
    expect(lines.pop()).toBe('');
    const cells = lines.map((line) =>
      [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map(([, cell]) => cell!.replace(/""/g, '"')),
    );
    const ofDay = records
      .filter(({ date }) => date.toISOString().startsWith(day))
      .sort((a, b) => b.date.getTime() - a.date.getTime());
    expect(ofDay.length).toBeGreaterThan(0);
    expect(cells).toEqual(
      ofDay.map(({ date, method, url, status, consumer }) => [
        ...[date.toISOString(), method, url, String(status), consumer ?? ''],
      ]),
    );
  });
});

describe('Each question of the first week', () => {
  it('takes at most five lines', async () => {
    const snippets = await readSnippets();
    const { text } = snippets.find(({ name }) => name === 'first-week.service.ts')!;
    const bodies = [...text.matchAll(/^ {2}(?!constructor)\S.*\{\n((?: {4}.*\n)+) {2}\}$/gm)];
    expect(bodies).toHaveLength(7);
    for (const [, body] of bodies) expect(body!.split('\n').length - 1).toBeLessThanOrEqual(5);
  });
});
