import { randomBytes } from 'node:crypto';
import type { UsageRecord } from 'nestjs-track-usage';
import { TRAFFIC } from './traffic.js';

const ADDRESSES = 100;
const AGENTS = ['Chrome', 'Edge', 'Safari', 'Firefox', 'curl', 'okhttp'] as const;

/**
 * Records as traffic gives them: 40 URLs, 100 addresses, and so on, from a generator with a seed,
 * so that every side gets the same but for their ids.
 */
export class RecordSource {
  private state: number;
  private made = 0;

  /** @param dateOf When the n-th record arrived, as epoch milliseconds. */
  constructor(
    seed: number,
    private readonly dateOf: (index: number) => number,
  ) {
    this.state = seed;
  }

  batch(size: number): UsageRecord[] {
    return Array.from({ length: size }, () => this.next());
  }

  private next(): UsageRecord {
    const date = new Date(this.dateOf(this.made++));
    const request = TRAFFIC[this.random(TRAFFIC.length)]!;
    const [path = '', query] = request.target.split('?');
    const host = request.url.slice(0, -path.length);
    const agent = this.random(AGENTS.length);
    return {
      id: idOf(date.getTime()),
      date,
      url: host + request.target,
      path,
      method: 'GET',
      protocol: 'HTTP/1.1',
      route: '/cats/:id',
      blueprint: 'CatsController',
      handler: 'findOne',
      viewArgs: { id: path.slice(path.lastIndexOf('/') + 1) },
      urlArgs: Object.fromEntries(new URLSearchParams(query)),
      status: this.random(50) === 0 ? 500 : 200,
      outcome: 'completed',
      speed: (200 + this.random(30) ** 3) / 1e6,
      contentLength: 80 + this.random(4000),
      remoteAddr: `203.0.113.${this.random(ADDRESSES)}`,
      xForwardedFor: null,
      referrer: request.referrer,
      authorization: false,
      username: null,
      consumer: null,
      consumerGroup: null,
      userAgent: {
        browser: AGENTS[agent]!,
        version: `${100 + this.random(3)}.0.0`,
        platform: 'Windows',
        language: request.language.split(',')[0]!,
        string: request.userAgent,
        kind: 'browser',
      },
      ipInfo: null,
      visitorId: null,
      serverName: 'web-1',
      service: null,
      release: null,
      apiVersion: null,
      traceId: null,
      trackVar: null,
      weight: 1,
    };
  }

  /** Below `limit`; a generator of 32 bits, good enough for choosing. */
  private random(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }
}

/** A UUIDv7. */
export function idOf(date: number): string {
  const hex = date.toString(16).padStart(12, '0') + randomBytes(10).toString('hex');
  return (
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-` +
    `8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  );
}
