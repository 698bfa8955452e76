import type { UsageRecord } from '../../lib/record/index.js';

const BASE = Date.UTC(2026, 5, 15, 12);

let made = 0;

/** An id in the order of its number, in the shape of a UUIDv7. */
export function idOf(number: number): string {
  const hex = number.toString(16).padStart(12, '0');
  return `0197c000-0000-7000-8000-${hex}`;
}

/** A record that nothing else equals, with the fields that matter to a test. */
export function makeRecord(fields: Partial<UsageRecord> = {}): UsageRecord {
  const number = ++made;
  return {
    id: idOf(number),
    date: new Date(BASE + number),
    url: `http://shop.example/cats/${number}?q=1`,
    path: `/cats/${number}`,
    method: 'GET',
    protocol: 'HTTP/1.1',
    route: '/cats/:id',
    blueprint: 'CatsController',
    handler: 'findOne',
    viewArgs: { id: String(number) },
    urlArgs: { q: '1' },
    status: 200,
    outcome: 'completed',
    speed: 0.012345,
    contentLength: 512,
    remoteAddr: '192.0.2.7',
    xForwardedFor: null,
    referrer: null,
    authorization: false,
    username: null,
    userAgent: {
      browser: 'curl',
      version: '8.5.0',
      platform: null,
      language: null,
      string: 'curl/8.5.0',
      kind: 'library',
    },
    ipInfo: null,
    visitorId: null,
    serverName: 'api-1',
    trackVar: null,
    weight: 1,
    ...fields,
  };
}

/** Several records, made one after the other. */
export function makeRecords(
  count: number,
  fields: (index: number) => Partial<UsageRecord> = () => ({}),
): UsageRecord[] {
  return Array.from({ length: count }, (_, index) => makeRecord(fields(index)));
}
