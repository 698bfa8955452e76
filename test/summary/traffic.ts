import fc from 'fast-check';
import type { UsageRecord } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';

/** Moments around which clocks change, months end and leap days lie, in one zone or another. */
const MOMENTS = [
  '2024-02-29T12:00Z',
  '2024-03-10T07:00Z',
  '2024-03-31T01:00Z',
  '2024-04-06T15:00Z',
  '2024-10-27T01:00Z',
  '2024-12-31T23:00Z',
  '2018-02-18T02:00Z',
  '2018-11-04T03:00Z',
  '2022-10-29T21:00Z',
  '2011-12-30T10:00Z',
].map(Date.parse);

const HOUR = 3_600_000;

const moment = fc
  .tuple(fc.constantFrom(...MOMENTS), fc.integer({ min: -40 * HOUR, max: 40 * HOUR }))
  .map(([at, distance]) => new Date(at + distance));

const nullable = (...values: string[]) => fc.constantFrom(null, ...values);

/** A record of random traffic: few values of each kind, so that they meet, and some odd ones. */
export const trafficRecord: fc.Arbitrary<UsageRecord> = fc
  .record({
    date: moment,
    url: fc.constantFrom('http://a.b/x?y=1', 'http://a.b/x?y=2', 'http://a.b/x', 'http://a.b/😀?'),
    method: fc.constantFrom('GET', 'POST'),
    route: nullable('/x', '/x/:id'),
    handler: nullable('find'),
    outcome: fc.constantFrom('completed' as const, 'aborted' as const),
    status: fc.constantFrom(200, 304, 404, 499, 500, 503),
    speed: fc.integer({ min: 0, max: 50_000_000 }).map((micros) => micros / 1e6),
    contentLength: fc.oneof(fc.nat(100_000), fc.constant(2 ** 40)),
    remoteAddr: nullable('192.0.2.1', '2001:db8::1'),
    visitorId: nullable('v1', 'v2'),
    serverName: fc.constantFrom('web-1', 'web-2'),
    country: fc.constantFrom(undefined, null, 'CH', 'DE'),
    browser: nullable('Chrome', 'curl'),
    version: nullable('126.0.1', '126.9', '8'),
    language: nullable('de-CH', 'fr'),
    tenant: fc.constantFrom<(string | number | boolean | null)[]>('a', 'b', 7, '7', true, null),
    weight: fc.constantFrom(1, 1, 1, 2, 10),
  })
  .map(({ country, browser, version, language, tenant, ...plain }) =>
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
        platform: null,
        string: null,
        kind: browser === 'curl' ? 'library' : 'browser',
      },
      trackVar: { tenant },
    }),
  );

/** Random traffic, cut into random batches. */
export const traffic: fc.Arbitrary<UsageRecord[][]> = fc.array(
  fc.array(trafficRecord, { maxLength: 30 }),
  { maxLength: 6 },
);
