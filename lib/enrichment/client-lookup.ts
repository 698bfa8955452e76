import type { LoggerService } from '@nestjs/common';
import type { CapturedRequest } from '../record/captured-request.js';
import type { IpInfo } from '../record/index.js';
import type { ClientLookups } from './enrichment-stage.js';
import type { GeoIpOptions } from './geo-ip/geo-ip-options.js';
import type { GeoIpStats } from './geo-ip/geo-ip-stats.js';
import { GeoIp } from './geo-ip/geo-ip.js';
import { type DailySaltStore, DailySalts } from './visitors/daily-salts.js';
import { DailyVisitors } from './visitors/daily-visitors.js';

/** The options that turn on lookups of clients. */
export interface ClientLookupOptions {
  readonly geoIp?: GeoIpOptions;
  readonly visitors?: 'daily';
}

/** Looks up the geography and the daily visitor of a client, as the options say. */
export class ClientLookup implements ClientLookups {
  readonly ipInfo?: (address: string | null) => IpInfo | null | Promise<IpInfo | null>;
  readonly visitorId?: (captured: CapturedRequest) => string | null | Promise<string | null>;

  private constructor(
    private readonly geoIp: GeoIp | null,
    private readonly salts: DailySalts | null,
  ) {
    if (geoIp) this.ipInfo = (address) => geoIp.lookup(address);
    if (!salts) return;
    const visitors = new DailyVisitors(salts);
    this.visitorId = (captured) => (captured.optedOut ? null : visitors.idOf(captured));
  }

  /**
   * @param salts Where processes share the salts of daily visitors; null: each process has its own.
   * @throws {Error} if a package is missing or a database cannot be read.
   */
  static async open(
    options: ClientLookupOptions,
    salts: DailySaltStore | null,
    logger: LoggerService,
  ): Promise<ClientLookup> {
    return new ClientLookup(
      options.geoIp ? await GeoIp.open(options.geoIp, logger) : null,
      options.visitors === 'daily' ? new DailySalts(salts, logger) : null,
    );
  }

  /** Statistics of geography lookups; null without `geoIp`. */
  geoIpStats(): GeoIpStats | null {
    return this.geoIp && this.geoIp.stats();
  }

  close(): void {
    this.geoIp?.close();
    this.salts?.close();
  }
}
