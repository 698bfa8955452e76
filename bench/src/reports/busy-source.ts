import type { UsageRecord } from 'nestjs-track-usage';
import { idOf } from '../records.js';

const ROUTES = 200;
const VISITORS = 20_000;
const CONSUMERS = 40;
const IDS = 5;
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PATCH', 'DELETE'] as const;
const PLATFORMS = ['Windows', 'iOS', 'Android', 'macOS', 'Linux'] as const;
const AGENTS = ['Chrome', 'Edge', 'Safari', 'Firefox', 'okhttp', 'MyShop'] as const;
const LANGUAGES = ['de-CH', 'en-US', 'fr-FR', 'en-GB', 'it', 'ja'] as const;
const COUNTRIES = ['CH', 'DE', 'FR', 'US', 'JP', 'IT'] as const;
const STATUSES = [200, 200, 200, 200, 201, 204, 304, 404, 401, 500] as const;
const PLANS = ['free', 'pro', 'team'] as const;

/** More records than these are more requests of the same visits. */
const MOST_VISITS = 1_000_000;

/**
 * Records of a busy application: 200 routes, 20,000 visitors with an address each, 40 consumers.
 * Their dates are spread evenly over a span, the oldest first. From a generator with a seed. Above
 * a million records, a visitor calls a route several times in a row, so that there are more hits in
 * as many sums.
 */
export class BusySource {
  private state: number;
  private made = 0;
  private visit?: UsageRecord;
  private readonly ofVisit: number;

  constructor(
    private readonly size: number,
    private readonly start: number,
    private readonly end: number,
  ) {
    this.state = size;
    this.ofVisit = Math.max(1, Math.round(size / MOST_VISITS));
  }

  get left(): number {
    return this.size - this.made;
  }

  batch(size: number): UsageRecord[] {
    return Array.from({ length: Math.min(size, this.left) }, () => this.next());
  }

  private next(): UsageRecord {
    const step = (this.end - this.start) / this.size;
    const date = new Date(Math.floor(this.start + this.made * step));
    if (this.made++ % this.ofVisit === 0 || this.visit === undefined) {
      this.visit = this.begun(date);
      return this.visit;
    }
    return {
      ...this.visit,
      id: idOf(date.getTime()),
      date,
      status: STATUSES[this.random(STATUSES.length)]!,
      speed: this.visit.speed + this.random(1000) / 1e6,
      contentLength: 80 + this.random(4000),
    };
  }

  /** The first request of a visit. */
  private begun(date: Date): UsageRecord {
    // Some routes are called more often than others.
    const route = Math.min(this.random(ROUTES), this.random(ROUTES));
    const visitor = this.random(VISITORS);
    const id = this.random(IDS);
    const agent = this.random(AGENTS.length);
    const base = `/shop/${route}`;
    const status = STATUSES[this.random(STATUSES.length)]!;
    return {
      id: idOf(date.getTime()),
      date,
      url: `http://shop.example${base}/${id}?page=${this.random(3)}`,
      path: `${base}/${id}`,
      method: METHODS[route % METHODS.length]!,
      protocol: 'HTTP/1.1',
      route: `${base}/:id`,
      blueprint: `Shop${route % 25}Controller`,
      handler: `handle${route}`,
      viewArgs: { id: String(id) },
      urlArgs: { page: '1' },
      status,
      outcome: this.random(200) === 0 ? 'aborted' : 'completed',
      speed: (200 + route * 20 + this.random(40) ** 3) / 1e6,
      contentLength: 80 + this.random(4000),
      remoteAddr: `10.${visitor >> 16}.${(visitor >> 8) & 255}.${visitor & 255}`,
      xForwardedFor: null,
      referrer: null,
      authorization: true,
      username: null,
      consumer: `consumer-${this.random(CONSUMERS)}`,
      consumerGroup: PLANS[visitor % PLANS.length]!,
      userAgent: {
        browser: AGENTS[agent]!,
        version: `${100 + this.random(3)}.0.0`,
        platform: PLATFORMS[this.random(PLATFORMS.length)]!,
        language: LANGUAGES[this.random(LANGUAGES.length)]!,
        string: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0.0.0',
        kind: 'browser',
      },
      ipInfo: {
        country: COUNTRIES[visitor % COUNTRIES.length]!,
        region: null,
        city: null,
        latitude: null,
        longitude: null,
        raw: null,
      },
      visitorId: `visitor-${visitor.toString(36).padStart(6, '0')}`,
      serverName: 'web-1',
      service: null,
      release: null,
      apiVersion: null,
      traceId: null,
      trackVar: { plan: PLANS[visitor % PLANS.length]! },
      weight: 1,
    };
  }

  /** Below `limit`; a generator of 32 bits, good enough for choosing. */
  private random(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }
}
