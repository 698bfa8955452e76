import { setMaxListeners } from 'node:events';
import { Controller, Get } from '@nestjs/common';
import {
  byUser,
  DeprecatedRoute,
  MemoryStorage,
  sumBy,
  TrackUsage,
  type UsageRecord,
} from 'nestjs-track-usage';
import { UsageDashboardModule } from 'nestjs-track-usage/dashboard';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DashboardSite } from '../../lib/dashboard/site/dashboard-site.js';
import { RECORD_FIELDS } from '../../lib/record/record-fields.js';
import { METRICS } from '../../lib/storages/contract/usage-report.js';
import { REPORT_DIMENSIONS } from '../../lib/summary/index.js';
import { appsOn } from '../support/applications.js';
import { platforms } from '../support/platforms.js';
import { HOOKS } from './shop.js';

const NOW = Date.UTC(2026, 10, 20, 12);
const MINUTE = 60_000;

@TrackUsage()
@Controller()
class CatsController {
  @DeprecatedRoute() @Get('cats/:id') one() {}
}

/** Requests of which some have another value, so that lists have an order and rows a rest. */
const BASE: readonly UsageRecord[] = Array.from({ length: 12 }, (_, at) =>
  makeRecord({
    id: `0199b000-0000-7000-8000-0000000000${10 + at}`,
    date: new Date(NOW - at * 7 * MINUTE),
    url: 'http://shop.example/cats/7?q=tea',
    path: '/cats/7',
    route: '/cats/:id',
    blueprint: 'CatsController',
    handler: 'one',
    viewArgs: { id: '7' },
    urlArgs: { q: 'tea' },
    consumer: at % 3 === 0 ? 'acme' : 'globex',
    ipInfo: {
      country: 'CH',
      region: 'ZH',
      city: 'Zurich',
      latitude: 47,
      longitude: 8,
      raw: { from: '192.0.2.1' },
    },
    trackVar: { plan: 'pro' },
  }),
);

type Change = (record: UsageRecord, at: number) => Partial<UsageRecord>;
const odd = <T>(at: number, value: T, otherwise: T): T => (at % 2 ? value : otherwise);
const agent =
  (change: (at: number) => Partial<UsageRecord['userAgent']>): Change =>
  ({ userAgent }, at) => ({ userAgent: { ...userAgent, ...change(at) } });
const geography =
  (change: Partial<NonNullable<UsageRecord['ipInfo']>>): Change =>
  ({ ipInfo }) => ({ ipInfo: { ...ipInfo!, ...change } });
const text = (name: keyof UsageRecord): Change => {
  return (_, at) => ({ [name]: `other-${at % 3}` });
};

/** How requests differ in a field, as an application would see it: what contains it differs, too. */
const CHANGES: Readonly<Record<string, Change>> = {
  url: (_, at) => ({ url: `http://other.example/dogs/${at}` }),
  path: (_, at) => ({ path: `/dogs/${at}`, url: `http://shop.example/dogs/${at}?q=tea` }),
  method: (_, at) => ({ method: odd(at, 'POST', 'GET') }),
  protocol: text('protocol'),
  route: (_, at) => ({
    route: odd(at, '/dogs', null),
    path: '/dogs',
    url: 'http://shop.example/dogs',
  }),
  blueprint: text('blueprint'),
  handler: text('handler'),
  viewArgs: (_, at) => ({
    viewArgs: { id: `${at}` },
    path: `/cats/${at}`,
    url: `http://shop.example/cats/${at}?q=tea`,
  }),
  urlArgs: (_, at) => ({ urlArgs: { q: `${at}` }, url: `http://shop.example/cats/7?q=${at}` }),
  status: (_, at) => ({ status: [200, 404, 500, 304][at % 4]! }),
  outcome: (_, at) => ({ outcome: odd(at, 'aborted', 'completed') }),
  speed: (_, at) => ({ speed: 1.5 + at }),
  contentLength: (_, at) => ({ contentLength: 777_000 + at }),
  remoteAddr: ({ ipInfo }, at) => ({
    remoteAddr: `198.51.100.${at}`,
    xForwardedFor: `198.51.100.${at}`,
    ipInfo: { ...ipInfo!, raw: { from: `198.51.100.${at}` } },
  }),
  xForwardedFor: text('xForwardedFor'),
  referrer: (_, at) => ({ referrer: `https://other.example/${at}` }),
  authorization: (_, at) => ({ authorization: odd(at, true, false) }),
  username: (_, at) => ({ username: `ann-${at}`, consumer: `ann-${at}` }),
  'userAgent.browser': agent((at) => ({ browser: `Lynx${at % 3}`, string: `Lynx${at % 3}/1.0` })),
  'userAgent.version': agent((at) => ({ version: `9.${at % 3}`, string: `curl/9.${at % 3}` })),
  'userAgent.platform': agent((at) => ({ platform: `Amiga${at % 3}`, string: `Amiga${at % 3}` })),
  'userAgent.language': agent((at) => ({ language: `rm-${at % 3}` })),
  'userAgent.string': agent((at) => ({ string: `Mozilla ${at}` })),
  'userAgent.kind': agent((at) => ({ kind: odd(at, 'bot', 'service'), string: 'a bot' })),
  ipInfo: () => ({ ipInfo: null }),
  'ipInfo.country': geography({ country: 'DE', region: 'BE', city: 'Berlin', raw: 'DE' }),
  'ipInfo.region': geography({ region: 'BE', raw: 'BE' }),
  'ipInfo.city': geography({ city: 'Berlin', raw: 'Berlin' }),
  visitorId: text('visitorId'),
  serverName: text('serverName'),
  trackVar: (_, at) => ({ trackVar: { plan: `plan-${at % 3}` } }),
  'trackVar.plan': (_, at) => ({ trackVar: { plan: `plan-${at % 3}` } }),
  consumer: text('consumer'),
  consumerGroup: text('consumerGroup'),
  service: text('service'),
  release: text('release'),
  apiVersion: text('apiVersion'),
  traceId: (_, at) => ({ traceId: `${at}`.padStart(32, 'a') }),
};

const start = appsOn(platforms[0]!);

async function siteOf(
  records: readonly UsageRecord[],
  hide: readonly string[],
  track: object = {},
): Promise<DashboardSite> {
  const hooks = [...HOOKS, sumBy('trackVar.plan', 'country')];
  const storage = new MemoryStorage({ hooks });
  const { app } = await start({
    controllers: [CatsController],
    track: { storages: [storage], release: '1.0', consumer: byUser(), ...track },
    imports: [
      UsageDashboardModule.forRoot({ guards: 'none', hide, dimensions: ['trackVar.plan'] }),
    ],
  });
  await storage.store(records);
  return app.get(DashboardSite);
}

const RANGE = `startDate=${new Date(NOW - 86_400_000).toISOString()}`;
const EXPORT = `records.csv?${RANGE}`;
const DIMENSIONS = [...REPORT_DIMENSIONS.keys(), 'trackVar.plan'].filter(
  (name) => name !== 'deprecated',
);
const FIELDS = [...new Set([...RECORD_FIELDS.map(({ path }) => path), ...DIMENSIONS])];

/** The page and its views, each panel's data, and each metric, dimension, filter and order. */
const ADDRESSES: readonly string[] = [
  // One with the buckets of a week; the others show the same in fewer.
  '?whole=1',
  ...['compare=off', 'of.route=GET+/cats/:id', 'of.consumer=acme', `record=${BASE[0]!.id}`]
    .concat(
      ['errorRate', 'p95', 'transfer'].map((by) => `order.routes=${by}&order.consumers=${by}`),
    )
    .map((query) => `?whole=1&range=24h&${query}`),
  ...METRICS.flatMap((metric) => [
    `report.csv?${RANGE}&metrics=${metric}&dimensions=protocol&interval=hour`,
    `report.json?${RANGE}&dimensions=consumerGroup,country,path&orderBy.${metric}=desc`,
    `report.json?${RANGE}&dimensions=protocol&orderBy.${metric}=desc`,
  ]),
  ...DIMENSIONS.map((name) => `report.json?${RANGE}&dimensions=${name}`),
  ...FIELDS.map((name) => `report.json?${RANGE}&where.${name}.not=null`),
  ...['date', 'speed', 'contentLength'].map((name) => `records.json?${RANGE}&orderBy.${name}=asc`),
  ...['records.ndjson', 'routes.json', 'routes.csv'].map((name) => `${name}?${RANGE}`),
  ...[EXPORT, 'tracking.json', 'tracking.csv', 'live'],
];

/** The export of the unchanged requests, with all fields. */
let plain: string | undefined;

async function ask(site: DashboardSite, address: string): Promise<string> {
  const [name = '', query = ''] = address.split('?');
  const gone = new AbortController();
  setMaxListeners(0, gone.signal);
  const { status, body } = await site.answer({
    name,
    query: new URLSearchParams(query),
    base: '',
    origin: 'http://localhost',
    signal: gone.signal,
  });
  if (typeof body === 'string') return `${status} ${body}`;
  let text = `${status} `;
  for await (const chunk of body) {
    text += chunk;
    // The stream goes on; the rows that are there come at once.
    if (name === 'live' && chunk.includes('data: ')) gone.abort();
  }
  return text;
}

async function answers(site: DashboardSite): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const address of ADDRESSES) found.set(address, await ask(site, address));
  return found;
}

describe('A hidden field', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
  afterEach(() => vi.useRealTimers());

  it('is each that a record has, but for what every figure is made of', () => {
    const known = RECORD_FIELDS.map(({ path }) => path);
    expect(known.filter((path) => !(path in CHANGES))).toEqual(['id', 'date', 'weight']);
  });

  it.each(Object.entries(CHANGES))(
    '%s: nothing that can be asked for tells whether it is another one',
    async (field, change) => {
      const changed = BASE.map((record, at) => ({ ...record, ...change(record, at) }));
      const one = await answers(await siteOf(BASE, [field]));
      const other = await answers(await siteOf(changed, [field]));
      const told = [...one].filter(([address, answer]) => other.get(address) !== answer);
      expect(told.map(([address]) => address)).toEqual([]);
      // What is not hidden is told.
      plain ??= await ask(await siteOf(BASE, []), EXPORT);
      expect(await ask(await siteOf(changed, []), EXPORT)).not.toBe(plain);
    },
    60_000,
  );

  it('leaves the rest of the page as it is', async () => {
    const site = await siteOf(BASE, ['status', 'speed']);
    const page = await ask(site, '?whole=1&range=24h');
    expect(page.match(/data-tile="\w+"/g)).toEqual(
      ['hits', 'consumers', 'aborted', 'transfer'].map((name) => `data-tile="${name}"`),
    );
    expect(page).not.toMatch(
      /data-failed|>p95<|>Errors|>Took<|>Duration<|metrics=[^"]*(p95|error)/,
    );
    expect(page).toContain('>Sent<');
    const csv = await ask(site, EXPORT);
    expect(csv).toMatch(/contentLength/);
    expect(csv).not.toMatch(/status|speed/);
  });

  it('hides the server in the names of processes', async () => {
    const tracking = await ask(await siteOf(BASE, ['serverName']), 'tracking.json');
    expect(tracking).toContain(`"name":"process ${process.pid}"`);
  });

  it('is the consumer too, where that is the user, and else is not', async () => {
    expect(await ask(await siteOf(BASE, ['username']), EXPORT)).not.toMatch(/consumer,|acme/);
    const named = await siteOf(BASE, ['username'], { consumer: () => 'somebody' });
    expect(await ask(named, EXPORT)).toMatch(/consumer,.*acme/s);
  });

  it.each([
    ['remoteAdr', /hide: expected fields.*but got 'remoteAdr'\. Did you mean remoteAddr\?/],
    ['date', /hide: expected fields other than id, date, weight.*records: false/],
    ['tenant', /hide: expected fields of the record, dimensions, or summaries/],
  ])('cannot be %s', async (name, message) => {
    await expect(siteOf([], [name])).rejects.toThrow(message);
  });
});
