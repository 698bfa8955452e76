import type { UsageRecord } from '../../record/index.js';
import { makeRecord } from '../make-record.js';

/** Generates numbers from 0 to 1 (mulberry32). The same seed gives the same numbers. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Requests on four days around the end of a month. A few kinds are frequent, many are rare. */
export function randomTraffic(count: number, random: () => number): UsageRecord[] {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() ** 2 * values.length)]!;
  const from = Date.UTC(2026, 1, 26);
  return Array.from({ length: count }, () =>
    makeRecord({
      date: new Date(from + Math.floor(random() * 4) * 86_400_000 + Math.floor(random() * 8e7)),
      url: `http://shop.example${pick(PATHS)}${random() < 0.3 ? '?a=1?b' : ''}`,
      route: pick(['/cats', '/cats/:id', '/dogs', null]),
      method: pick(['GET', 'POST', 'HEAD']),
      status: pick([200, 404, 201, 500, 503]),
      speed: Math.round(10 ** (random() * 7)) / 1e6,
      contentLength: Math.floor(10 ** (random() * 6)),
      remoteAddr: pick(['192.0.2.1', '192.0.2.2', '2001:db8::1', null]),
      visitorId: pick([null, 'v1', 'v2']),
      serverName: pick(['api-1', 'api-2']),
      weight: pick([1, 1, 1, 4]),
      outcome: pick(['completed', 'completed', 'completed', 'aborted']),
      ipInfo: pick([null, geography('CH'), geography('BR'), geography(null)]),
      userAgent: {
        browser: pick(['Chrome', 'curl', null]),
        version: pick(['126.0.1', '8', null]),
        platform: null,
        language: pick(['de-CH', 'en', null]),
        string: null,
        kind: 'unknown',
      },
    }),
  );
}

const PATHS = [
  '/cats',
  '/Cats',
  '/cats ',
  '/🦄',
  '/\uffee',
  '/%_\'"\\',
  `/long/${'x'.repeat(300)}1`,
  `/long/${'x'.repeat(300)}2`,
  ...Array.from({ length: 40 }, (_, index) => `/cats/${index}`),
];

function geography(country: string | null): UsageRecord['ipInfo'] {
  return { country, region: null, city: null, latitude: null, longitude: null, raw: {} };
}
