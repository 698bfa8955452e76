import type { LoggerService } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { IpInfo } from '../../record/index.js';
import { sanitizeText } from '../text-limits.js';
import { BoundedCalls, CallRefusedError, CallTimeoutError } from './bounded-calls.js';
import { CircuitBreaker } from './circuit-breaker.js';
import { GEO_IP_OPTIONS, type GeoIpLimits, type GeoIpOptions } from './geo-ip-options.js';
import type { GeoIpStats } from './geo-ip-stats.js';
import type { GeoSource } from './geo-source.js';
import { openGeoSource } from './open-geo-source.js';
import { isPublicAddress } from '../client-address.js';
import { readIpInfo } from './read-ip-info.js';

/** The most lookups in the queue. Further lookups are skipped. */
const MAX_WAITING = 1000;

/** How long an address is not looked up again after its call failed. */
const FAILURE_TTL_MS = 60_000;
const BREAKER_LIMITS = { failures: 5, pause: 30_000, maxPause: 300_000 };

const PRIVATE_ADDRESS = { info: null };
const NEVER_ABORTED = new AbortController().signal;

/** Looks up the geography of addresses. If the source fails, a lookup gives null. */
export class GeoIp {
  private readonly cache: LRUCache<string, { readonly info: IpInfo | null }>;
  private readonly pending = new Map<string, Promise<IpInfo | null>>();
  private readonly calls: BoundedCalls;
  private readonly counts = {
    lookups: 0,
    cached: 0,
    private: 0,
    calls: 0,
    notFound: 0,
    failed: 0,
    timedOut: 0,
    skipped: 0,
  };
  private lastError: string | null = null;

  constructor(
    private readonly source: GeoSource,
    private readonly limits: GeoIpLimits,
    private readonly logger: LoggerService,
    private readonly breaker = new CircuitBreaker(BREAKER_LIMITS),
  ) {
    const { timeout, concurrency, cache } = GEO_IP_OPTIONS;
    this.cache = new LRUCache({
      max: limits.cache?.max ?? cache.options.max.default,
      ttl: limits.cache?.ttl ?? cache.options.ttl.default,
    });
    this.calls = new BoundedCalls(
      limits.concurrency ?? concurrency.default,
      MAX_WAITING,
      limits.timeout ?? timeout.default,
    );
  }

  /** @throws {Error} if a package is missing or the database cannot be read. */
  static async open(options: GeoIpOptions, logger: LoggerService): Promise<GeoIp> {
    let geoIp: GeoIp | undefined;
    const source = await openGeoSource(options, {
      reloaded: () => geoIp?.cache.clear(),
      failed: (error) => {
        logger.warn(`The changed geography database is not used: ${describe(error)}`);
      },
    });
    return (geoIp = new GeoIp(source, options, logger));
  }

  /**
   * Geography of an address. Answers synchronously unless it has to wait for a call. Never throws
   * or rejects, and takes no longer than `timeout`.
   */
  lookup(address: string | null): IpInfo | null | Promise<IpInfo | null> {
    if (address === null) return null;
    this.counts.lookups++;
    const known = this.cache.get(address);
    if (known !== undefined) {
      if (known === PRIVATE_ADDRESS) this.counts.private++;
      else this.counts.cached++;
      return known.info;
    }
    const asked = this.pending.get(address);
    return asked ?? this.lookupUnknown(address);
  }

  stats(): GeoIpStats {
    return {
      ...this.counts,
      underWay: this.calls.underWay,
      down: this.breaker.isOpen,
      lastError: this.lastError,
    };
  }

  close(): void {
    this.source.close?.();
  }

  private lookupUnknown(address: string): IpInfo | null | Promise<IpInfo | null> {
    if (!isPublicAddress(address)) {
      this.counts.private++;
      this.cache.set(address, PRIVATE_ADDRESS);
      return null;
    }
    if (this.source.immediate) return this.findNow(address);
    if (!this.breaker.mayCall()) {
      this.counts.skipped++;
      return null;
    }
    const answer = this.findLater(address).finally(() => this.pending.delete(address));
    this.pending.set(address, answer);
    return answer;
  }

  private findNow(address: string): IpInfo | null {
    try {
      this.counts.calls++;
      return this.rememberAnswer(address, this.source.find(address, NEVER_ABORTED));
    } catch (error) {
      return this.rememberFailure(address, error);
    }
  }

  private async findLater(address: string): Promise<IpInfo | null> {
    try {
      const info = await this.calls.run(async (signal) => {
        this.counts.calls++;
        return this.rememberAnswer(address, await this.source.find(address, signal));
      });
      this.reportToBreaker(true);
      return info;
    } catch (error) {
      if (!(error instanceof CallRefusedError)) {
        this.rememberFailure(address, error);
        this.reportToBreaker(false);
        return null;
      }
      this.counts.skipped++;
      // This was the one attempt of an open breaker. Reporting it allows the next attempt.
      if (this.breaker.isOpen) this.reportToBreaker(false);
      return null;
    }
  }

  private rememberAnswer(address: string, answer: unknown): IpInfo | null {
    const { map } = this.limits;
    const isAnswer = answer !== null && answer !== undefined;
    const info = readIpInfo(map && isAnswer ? map(answer) : answer, rawOf(answer));
    if (info === null) this.counts.notFound++;
    this.cache.set(address, { info });
    return info;
  }

  private rememberFailure(address: string, error: unknown): null {
    if (error instanceof CallTimeoutError) this.counts.timedOut++;
    else this.counts.failed++;
    this.lastError = describe(error);
    const ttl = Math.min(this.limits.cache?.ttl ?? FAILURE_TTL_MS, FAILURE_TTL_MS);
    this.cache.set(address, { info: null }, { ttl });
    return null;
  }

  private reportToBreaker(succeeded: boolean): void {
    const change = this.breaker.report(succeeded);
    if (change === 'closed') this.logger.log('Geography is available again.');
    if (change !== 'opened') return;
    this.calls.refuseWaiting();
    this.logger.warn(
      `Geography is unavailable, so records have ipInfo: null: ${this.lastError}. ` +
        `Next attempt in ${this.breaker.currentPause / 1000} s.`,
    );
  }
}

/** The answer to store as `raw`: the answer's own `raw` if it has one, else the whole answer. */
function rawOf(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null && 'raw' in answer ? answer.raw : answer;
}

function describe(error: unknown): string {
  return sanitizeText(error instanceof Error ? error.message : String(error));
}
