import {
  MemoryStorage,
  sumBy,
  sumRoutes,
  UsageQueryError,
  UsageReader,
  type StorageOptions,
  type UsageRecord,
  type UsageStorage,
  type UsageWhere,
} from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterEach, describe, expect, it } from 'vitest';
import {
  mergeRoutes,
  routeNoteName,
  textOfServiceRoutes,
} from '../../lib/storages/base/routes/route-note.js';
import { createStorage, databases, newPlace } from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import { contextOf } from '../support/storage-context.js';

const NOON = Date.UTC(2026, 5, 15, 12);
const HOUR = 3_600_000;
const RANGE = { startDate: new Date(NOON - HOUR), endDate: new Date(NOON + 23 * HOUR) };
const HOOKS = [sumRoutes, sumBy('route', 'apiVersion')];

/** A route: `GET /cats` or `GET /cats 2` with a version, `!` in front if it is deprecated. */
type Routes = readonly string[];

const routesOf = (routes: Routes) =>
  routes.map((text, at) => {
    const [, mark, method, path, apiVersion = null, handler = `h${at}`] =
      /^(!?)(\S+) (\S+)(?: v(\S+))?(?: by (\S+))?$/.exec(text)!;
    return {
      ...{ method: method!, path: path!, apiVersion, host: null, controller: 'Shop', handler },
      ...{ blueprint: 'Shop', tracked: true, storages: null },
      deprecated: mark === '' ? null : { since: null, sunset: null, link: null },
    };
  });

async function declare(storage: UsageStorage, service: string | null, routes: Routes) {
  await storage.changeNote!('routes', routeNoteName(service), () =>
    textOfServiceRoutes(
      mergeRoutes(null, { service, release: null, routes: routesOf(routes), at: NOON }),
    ),
  );
}

/** What routes may look like, and which of their calls are deprecated. */
const CASES: readonly {
  readonly title: string;
  readonly lists: readonly (readonly [service: string | null, routes: Routes])[];
  readonly isDeprecated: (record: UsageRecord) => boolean;
  /** Where a report by `deprecated` comes from. */
  readonly source: 'summaries' | 'records';
}[] = [
  {
    title: 'by method and path',
    lists: [[null, ['!GET /cats', 'POST /cats', "!GET /o'hara%_\\", 'GET /dogs', '!HEAD /dogs']]],
    isDeprecated: ({ method, route }) =>
      ['GET /cats', "GET /o'hara%_\\", 'HEAD /dogs'].includes(`${method} ${route}`),
    source: 'summaries',
  },
  {
    title: 'by version',
    lists: [[null, ['!GET /cats v1', 'GET /cats v2', 'GET /cats', '!POST /cats v2', 'GET /dogs']]],
    isDeprecated: ({ method, route, apiVersion }) =>
      route === '/cats' &&
      ((method === 'GET' && apiVersion === '1') || (method === 'POST' && apiVersion === '2')),
    source: 'summaries',
  },
  {
    title: 'for all methods but HEAD and OPTIONS',
    lists: [['shop', ['!ALL /cats', 'GET /dogs']]],
    isDeprecated: ({ method, route }) => route === '/cats' && ['GET', 'POST'].includes(method),
    source: 'summaries',
  },
  {
    title: 'by handler',
    lists: [[null, ['GET /cats by kept', '!ALL /cats by old', 'GET /dogs']]],
    isDeprecated: ({ route, method, apiVersion, blueprint, handler }) =>
      route === '/cats' &&
      handler === 'old' &&
      apiVersion === null &&
      blueprint === 'Shop' &&
      !['HEAD', 'OPTIONS'].includes(method),
    source: 'records',
  },
  {
    title: 'by service',
    lists: [
      ['shop', ['!GET /cats', 'GET /dogs']],
      ['Shop', ['GET /cats', '!GET /dogs']],
      [null, ['!POST /cats']],
    ],
    isDeprecated: ({ service, method, route }) =>
      ['shop GET /cats', 'Shop GET /dogs', 'null POST /cats'].includes(
        `${service} ${method} ${route}`,
      ),
    source: 'records',
  },
  {
    title: 'of nothing',
    lists: [[null, ['GET /cats', 'GET /dogs']]],
    isDeprecated: () => false,
    source: 'summaries',
  },
];

const RECORDS: readonly UsageRecord[] = Array.from({ length: 120 }, (_, n) => {
  const of = <T>(values: readonly T[], every: number): T =>
    values[Math.floor(n / every) % values.length]!;
  return makeRecord({
    date: new Date(NOON + n * 60_000),
    route: of(['/cats', '/dogs', "/o'hara%_\\", '/Cats', null], 1),
    method: of(['GET', 'POST', 'GET', 'HEAD', 'GET', 'OPTIONS'], 5),
    apiVersion: of(['1', '2', null], 2),
    service: of(['shop', 'Shop', null, 'office'], 3),
    blueprint: of(['Shop', 'Shop', 'shop'], 7),
    handler: of(['kept', 'old', null], 4),
    consumer: of(['ada', 'bob', 'cyd', null], 11),
  });
});

const byId = (records: readonly UsageRecord[]) => records.map(({ id }) => id).sort();

function deprecatedContract(
  create: (place: string, options: StorageOptions) => UsageStorage,
  remove: (place: string) => Promise<void> = async () => {},
): void {
  let open: { place: string; storage: UsageStorage }[] = [];
  afterEach(async () => {
    const all = open;
    open = [];
    for (const { place, storage } of all) {
      await storage.close?.();
      await remove(place);
    }
  });
  const opened = async () => {
    const place = newPlace();
    const storage = create(place, { hooks: HOOKS });
    await storage.open?.(contextOf(HOOKS));
    open.push({ place, storage });
    await storage.store(RECORDS);
    return storage;
  };

  it('equals a count of the records', { timeout: 240_000 }, async () => {
    const storage = await opened();
    const usage = new UsageReader(storage);
    const asked = usage.countUsage({ where: { deprecated: true } });
    await expect(asked).rejects.toThrow(UsageQueryError);
    await expect(asked).rejects.toThrow(/which routes are declared/);
    await expect(usage.report({ dimensions: ['deprecated'] })).rejects.toThrow(/dimensions/);
    let known: (string | null)[] = [];
    for (const { title, lists, isDeprecated, source } of CASES) {
      for (const service of known)
        await storage.changeNote!('routes', routeNoteName(service), () => null);
      known = lists.map(([service]) => service);
      for (const [service, routes] of lists) await declare(storage, service, routes);
      for (const [condition, expected] of [
        [true, isDeprecated],
        [{ not: true }, (record: UsageRecord) => !isDeprecated(record)],
      ] as const) {
        const where: UsageWhere = { deprecated: condition };
        const matching = RECORDS.filter(expected);
        const shown = `${title}, ${JSON.stringify(condition)}`;
        expect(await usage.countUsage({ where }), shown).toBe(matching.length);
        expect(byId(await usage.getUsage({ where })), shown).toEqual(byId(matching));
        const streamed: UsageRecord[] = [];
        for await (const record of usage.streamUsage({ where: { ...where, consumer: 'ada' } }))
          streamed.push(record);
        const ofAda = matching.filter(({ consumer }) => consumer === 'ada');
        expect(byId(streamed), shown).toEqual(byId(ofAda));
      }
      const { rows } = await usage.report({ dimensions: ['deprecated', 'consumer'], ...RANGE });
      const groups = new Map<string, number>();
      for (const record of RECORDS) {
        const key = JSON.stringify([isDeprecated(record), record.consumer]);
        groups.set(key, (groups.get(key) ?? 0) + 1);
      }
      const found = rows.map((row) => [
        JSON.stringify([row['deprecated'], row['consumer']]),
        row.hits,
      ]);
      expect(new Map(found as [string, number][]), title).toEqual(groups);
      const whole = { startDate: new Date(NOON), endDate: new Date(NOON + 24 * HOUR - 1) };
      const alone = await usage.report({ dimensions: ['deprecated'], ...whole });
      expect(alone.source, title).toBe(source);
      const deprecated = alone.rows.find((row) => row.deprecated === true);
      expect(deprecated?.hits ?? 0, title).toBe(RECORDS.filter(isDeprecated).length);
      const few = await usage.report({ where: { deprecated: false }, ...whole });
      expect(few.source, title).toBe(source);
      expect(few.totals, title).toEqual({
        hits: RECORDS.filter((record) => !isDeprecated(record)).length,
      });
    }
    // All that it can be, and nothing.
    expect(await usage.countUsage({ where: { deprecated: [true, false] } })).toBe(RECORDS.length);
    expect(await usage.countUsage({ where: { deprecated: { notIn: [true, false] } } })).toBe(0);
  });
}

describe('What is deprecated', () => {
  describe('in memory', () => deprecatedContract((_, options) => new MemoryStorage(options)));
  describeDatabases(databases, (database, url) =>
    deprecatedContract(
      (place, options) => createStorage(database.recipe(url, place), options),
      (place) => database.remove(url, place),
    ),
  );
});
