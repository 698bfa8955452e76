import {
  sumBy,
  sumRoutes,
  type ReportQuery,
  type UsageRecord,
  type UsageStorage,
} from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { expect, it } from 'vitest';
import type { BaseStorageParts } from '../../lib/storages/base/base-storage.js';
import { METRICS } from '../../lib/storages/contract/usage-report.js';
import { databases } from '../faults/databases.js';
import { openingAt } from '../faults/opening-at.js';
import { partsOf, partsWhere, reported, type AskedSums } from '../faults/parts-of-storage.js';
import { describeDatabases } from '../faults/with-databases.js';

const HOOKS = [sumRoutes, sumBy('consumer', 'route')];
const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 10, 8);
const ROUTES = 12;
const HOURS = 6;
const at = (hours: number) => START + hours * HOUR;
/** The second half of the traffic: there is a span before it, and no record after it. */
const RANGE = { startDate: new Date(at(3)), endDate: new Date(at(HOURS) - 1) };
const TOP = {
  dimensions: ['route'],
  metrics: ['hits', 'errors', 'p50', 'p95', 'max'],
  limit: 3,
  ...RANGE,
} satisfies ReportQuery;

/** In each hour, a route has as many requests as its number says, with latencies of its own. */
const traffic: readonly UsageRecord[] = Array.from({ length: HOURS }, (_, hour) =>
  Array.from({ length: ROUTES }, (__, route) =>
    Array.from({ length: route + 1 }, (___, n) => request(route, hour, n)),
  ),
).flat(2);

function request(route: number, hour: number, n: number): UsageRecord {
  return makeRecord({
    date: new Date(at(hour) + 1000 * (n + 1) + route),
    route: `/r${route}`,
    consumer: route % 2 === 0 ? 'ann' : 'ben',
    speed: 0.001 * 1.5 ** (route % 12) * (1 + n / 10 + hour),
    status: n % 3 === 0 ? 500 : 200,
    weight: 1 + (n % 2),
  });
}

/** The parts of a storage that reads latency late, whether or not that is the sooner way there. */
function lateParts(
  storage: UsageStorage,
  happens: (query: AskedSums) => Promise<unknown> | void = () => {},
): BaseStorageParts {
  const parts = partsWhere(storage, (_, query) => happens(query));
  return { ...parts, sums: { ...parts.sums, readsLatencyLate: 'always' } };
}

describeDatabases(databases, (database, url) => {
  const open = openingAt(database, url);
  const openWithTraffic = async () => {
    const storage = await open(HOOKS);
    await storage.store(traffic);
    return storage;
  };

  it('reads the latency of the groups that are shown alone', async () => {
    const scans: AskedSums[] = [];
    const parts = lateParts(await openWithTraffic(), (query) => {
      if (query.dimension === 'route' && query.period === 'hour') scans.push(query);
    });
    const { source } = await reported(parts, TOP);
    expect(source).toBe('summaries');
    expect(scans.map(({ withLatency, keys }) => [withLatency, keys?.toSorted()])).toEqual([
      [false, undefined],
      [true, ['GET /r10', 'GET /r11', 'GET /r9']],
    ]);
  });

  it('counts the same as if it read all: rows, totals and the rest', async () => {
    const parts = lateParts(await openWithTraffic());
    const questions: (ReportQuery & { limit: number })[] = [
      TOP,
      { ...TOP, page: 4 },
      { ...TOP, page: 5 },
      { ...TOP, limit: 1, orderBy: { errors: 'desc' } },
      { ...TOP, interval: 'hour' },
      { ...TOP, compare: 'previous' },
      { ...TOP, compare: 'previous', interval: 'hour', orderBy: { errors: 'asc' } },
      { ...TOP, metrics: METRICS },
      // What of the first and the last hour belongs to it is counted from records.
      { ...TOP, startDate: new Date(at(0) + 1500), endDate: new Date(at(5) + 4500) },
    ];
    for (const asked of questions) {
      const all = { ...asked, page: 1, limit: 1000 };
      const [found, whole] = [await reported(parts, asked), await reported(parts, all)];
      expect(found.totals).toEqual(whole.totals);
      expect(found.groups).toBe(ROUTES);
      const routes = [...new Set(whole.rows.map(({ route }) => route as string))];
      const from = asked.limit * ((asked.page ?? 1) - 1);
      const shown = routes.slice(from, from + asked.limit);
      expect(found.rows).toEqual(whole.rows.filter(({ route }) => shown.includes(route as string)));
      const hidden = routes.filter((route) => !shown.includes(route));
      const rest = await reported(parts, { ...all, where: { route: hidden } });
      expect(found.rest).toEqual({ ...rest.totals, groups: hidden.length });
    }
  });

  it('reads the latency of the keys that a filter leaves alone', async () => {
    const scans: AskedSums[] = [];
    const parts = lateParts(await openWithTraffic(), (query) => {
      if (query.dimension === 'consumer:route' && query.period === 'hour') scans.push(query);
    });
    const { source } = await reported(parts, { ...TOP, where: { consumer: 'ann' } });
    expect(source).toBe('summaries');
    expect(scans.map(({ withLatency, keys }) => [withLatency, keys?.length])).toEqual([
      [false, undefined],
      [true, ROUTES / 2],
    ]);
  });

  it('counts the same of what a filter leaves as if it read all', async () => {
    const storage = await open(HOOKS);
    const many = Array.from({ length: 150 }, (_, n) => request(n + 20, 4 + (n % 2), n % 7));
    await storage.store([...traffic, ...many]);
    const parts = lateParts(storage);
    const questions: ReportQuery[] = [
      { ...TOP, where: { consumer: 'ann' } },
      { ...TOP, where: { consumer: 'nobody' } },
      { ...TOP, where: { route: { not: 'GET /r3' } } },
      { ...TOP, where: { route: ['GET /r3', 'GET /r30'] }, compare: 'previous' },
      { ...TOP, dimensions: [], where: { route: 'GET /r7' } },
      { ...TOP, dimensions: [], where: { route: { not: 'GET /r7' } } },
      { ...TOP, dimensions: ['consumer'], where: { route: { startsWith: 'GET /r1' } } },
      { ...TOP, dimensions: ['consumer'], interval: 'hour' },
    ];
    for (const asked of questions) {
      const found = await reported(parts, asked);
      const whole = await reported(parts, { ...asked, limit: 1000 });
      const shown = found.rows.length;
      expect(found).toEqual({ ...whole, rows: whole.rows.slice(0, shown), rest: found.rest });
      if (found.rest === null) expect(shown).toBe(whole.rows.length);
    }
  });

  it('counts anew what came before the latency was read', async () => {
    const storage = await openWithTraffic();
    let isFirst = true;
    const parts = lateParts(storage, async ({ keys }) => {
      if (!keys || !isFirst) return;
      isFirst = false;
      await storage.store([request(11, 4, 20), request(0, 4, 21)]);
    });
    const found = await reported(parts, TOP);
    expect(isFirst).toBe(false);
    expect(found.rows[0]).toMatchObject({ route: 'GET /r11', hits: 55 });
    expect(found).toEqual(await reported(partsOf(storage), TOP));
  });
});
