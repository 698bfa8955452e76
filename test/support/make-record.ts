import type { UsageRecord } from 'nestjs-track-usage';
import { v7 } from 'uuid';

let counter = 0;

/** A record of an ordinary request; every one differs from the others in `id`, `date` and `url`. */
export function makeRecord(changes: Partial<UsageRecord> = {}): UsageRecord {
  const number = counter++;
  const date = changes.date ?? new Date(Date.UTC(2026, 5, 1, 12) + number);
  return {
    id: v7({ msecs: Math.max(0, date.getTime()) }),
    date,
    url: `http://shop.example/cats/${number}?q=a`,
    path: `/cats/${number}`,
    method: 'GET',
    protocol: 'HTTP/1.1',
    route: '/cats/:id',
    blueprint: 'CatsController',
    handler: 'findOne',
    viewArgs: { id: String(number) },
    urlArgs: { q: 'a' },
    status: 200,
    outcome: 'completed',
    speed: 0.001234,
    contentLength: 42,
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
    serverName: 'test-host',
    trackVar: null,
    weight: 1,
    ...changes,
  };
}

export function makeRecords(count: number, changes: Partial<UsageRecord> = {}): UsageRecord[] {
  return Array.from({ length: count }, () => makeRecord(changes));
}
