import fc from 'fast-check';
import type { Metric, ReportQuery, UsageRecord, UsageWhere } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { VALUES } from '../support/contract-parts.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The clocks of the first three change in the time of the traffic. */
export const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'UTC',
];

export const FROM = Date.UTC(2024, 1, 20);
const UNTIL = Date.UTC(2024, 3, 20);

const nullable = <T>(...values: T[]) => fc.constantFrom(null, ...values);

const date = fc.oneof(
  fc.integer({ min: FROM, max: UNTIL }),
  fc.integer({ min: FROM, max: FROM + 2 * HOUR }),
  // Around the changes of the clocks.
  ...[Date.UTC(2024, 2, 10, 7), Date.UTC(2024, 2, 31, 1), Date.UTC(2024, 3, 6, 15)].map((at) =>
    fc.integer({ min: at - 2 * HOUR, max: at + 2 * HOUR }),
  ),
  fc.integer({ min: Date.UTC(2023, 1, 20), max: Date.UTC(2023, 3, 20) }),
);

const record: fc.Arbitrary<UsageRecord> = fc
  .record({
    date: date.map((instant) => new Date(instant)),
    url: fc.constantFrom('http://a.b/x?y=1', 'http://a.b/x', 'http://a.b/😀?', 'http://a.b/\uffee'),
    path: fc.constantFrom('/x', '/X', '/😀', '/\uffee'),
    method: fc.constantFrom('GET', 'POST', 'get'),
    protocol: fc.constantFrom('HTTP/1.1', 'HTTP/2.0'),
    route: nullable('/x', '/x/:id', '/x '),
    blueprint: nullable('Cats', 'cats'),
    handler: nullable('find'),
    outcome: fc.constantFrom('completed' as const, 'aborted' as const),
    status: fc.constantFrom(200, 304, 404, 499, 500, 503),
    speed: fc
      .oneof(fc.integer({ min: 0, max: 60_000_000 }), fc.integer({ min: 0, max: 2000 }))
      .map((micros) => micros / 1e6),
    contentLength: fc.oneof(fc.nat(100_000), fc.constant(2 ** 40)),
    remoteAddr: nullable('192.0.2.1', '2001:db8::1'),
    referrer: nullable('https://News.example:8443/a?b', 'https://news.example/', 'http://a.b/'),
    authorization: fc.boolean(),
    username: nullable('ada', 'Ada', '(none)', '(other)', '\\(other)', ''),
    visitorId: nullable('v1', 'v2', 'v3'),
    serverName: fc.constantFrom('web-1', 'web-2'),
    consumer: nullable('shop', "o'hara", '%', 'é'),
    consumerGroup: nullable('pro'),
    service: nullable('api'),
    release: nullable('1.2.0', '1.10.0'),
    apiVersion: nullable('1', '2'),
    // The fractions are those of version 0.1.
    weight: fc.constantFrom(1, 1, 1, 2, 10, 2.5, 1 / 0.3),
    country: fc.constantFrom(undefined, null, 'CH', 'DE'),
    browser: nullable('Chrome', 'curl'),
    version: nullable('126.0.1', '126.9', '8'),
    language: nullable('de-CH', 'fr'),
    plan: fc.constantFrom('a', 'b', 7, '7', true, null, { deep: 1 }, ['x']),
    isPlain: fc.boolean(),
  })
  .map(({ country, browser, version, language, plan, isPlain, ...plain }) =>
    makeRecord({
      ...plain,
      ipInfo:
        country === undefined
          ? null
          : { country, region: null, city: null, latitude: null, longitude: null, raw: null },
      userAgent: {
        browser,
        version,
        language,
        platform: language && 'Linux',
        string: null,
        kind: browser === 'curl' ? 'library' : 'browser',
      },
      trackVar: isPlain ? null : { plan },
    }),
  );

/** Random requests of two months and of the same months a year before. */
export const traffic = (most: number) => fc.array(record, { minLength: 1, maxLength: most });

const METRICS: Metric[] = [
  ...(['hits', 'transfer', 'errors', 'refused', 'aborted', 'errorRate', 'refusedRate'] as const),
  ...(['duration', 'mean', 'p50', 'p90', 'p95', 'p99', 'max', 'firstSeen', 'lastSeen'] as const),
  ...(['consumers', 'users', 'visitors', 'remotes', 'routes'] as const),
];

const SUMMED = ['route', 'consumer', 'status', 'username', 'visitor', 'country', 'trackVar.plan'];

/** Filters, and what they mean. */
const FILTERS: [UsageWhere | undefined, (record: UsageRecord) => boolean][] = [
  [undefined, () => true],
  [undefined, () => true],
  [{ status: 404 }, ({ status }) => status === 404],
  [{ visitorId: 'v1' }, ({ visitorId }) => visitorId === 'v1'],
  [{ route: ['/x', 'GET /x/:id'] }, (record) => /^(\w+ \/x|GET \/x\/:id)$/.test(routeOf(record))],
  [{ statusClass: { not: '2xx' } }, ({ status }) => status > 299],
  [{ country: ['CH', null] }, ({ ipInfo }) => ipInfo?.country !== 'DE'],
  [{ 'trackVar.plan': '7' }, ({ trackVar }) => [7, '7'].includes(trackVar?.['plan'] as number)],
  [
    { speed: { gte: 0.001 }, consumer: { not: null } },
    (record) => record.speed >= 0.001 && !!record.consumer,
  ],
  [
    { username: null, method: 'GET' },
    ({ username, method }) => username === null && method === 'GET',
  ],
];

function routeOf({ method, route }: UsageRecord): string {
  return route === null ? '' : `${method} ${route}`;
}

/** A random question, and what its `where` means. */
export const question = fc
  .record({
    metrics: fc.shuffledSubarray(METRICS, { minLength: 1, maxLength: 6 }),
    dimensions: fc.oneof(
      fc.shuffledSubarray(Object.keys(VALUES), { maxLength: 3 }),
      // Those that sums tell.
      fc.shuffledSubarray(SUMMED, { maxLength: 2 }),
    ),
    interval: fc.constantFrom(undefined, 'minute', 'hour', 'day', 'week', 'month'),
    compare: fc.constantFrom(undefined, undefined, 'previous', 'week', 'year'),
    start: fc.oneof(fc.integer({ min: FROM, max: UNTIL }), date),
    length: fc.oneof(fc.integer({ min: 0, max: 40 * DAY }), fc.integer({ min: 0, max: 3 * DAY })),
    isAligned: fc.boolean(),
    bounds: fc.constantFrom('both', 'both', 'both', 'start', 'end', 'none'),
    filter: fc.constantFrom(...FILTERS),
    limit: fc.constantFrom(undefined, 1, 2, 3, 10),
    page: fc.constantFrom(undefined, 1, 1, 2, 3),
    order: fc.array(fc.tuple(fc.nat(), fc.constantFrom('asc', 'desc')), { maxLength: 2 }),
    isOrdered: fc.boolean(),
  })
  .map(
    ({ start, length, isAligned, bounds, filter: [where, matches], order, isOrdered, ...rest }) => {
      const { metrics, dimensions, interval, compare } = rest;
      const unit = isAligned
        ? interval === 'minute'
          ? MINUTE
          : interval === 'hour'
            ? HOUR
            : DAY
        : 1;
      const least = Math.floor(start / unit) * unit;
      const most = interval === 'minute' ? 2 * HOUR : interval === 'hour' ? 5 * DAY : 60 * DAY;
      const last = least + Math.max(Math.floor(Math.min(length, most) / unit) * unit, 1) - 1;
      const hasStart = bounds === 'both' || bounds === 'start' || compare !== undefined || interval;
      const hasEnd = bounds === 'both' || bounds === 'end' || interval !== undefined;
      const names = [...METRICS, ...dimensions];
      const orderBy = Object.fromEntries(
        order.map(([at, direction]) => [names[at % names.length]!, direction]),
      );
      const query = Object.fromEntries(
        Object.entries({
          ...rest,
          metrics,
          where,
          startDate: hasStart ? new Date(least) : undefined,
          endDate: hasEnd ? new Date(last) : undefined,
          orderBy: isOrdered ? orderBy : undefined,
        }).filter(([, value]) => value !== undefined),
      ) as ReportQuery;
      return { query, matches };
    },
  );
