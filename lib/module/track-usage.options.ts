import type { CaptureOptions } from '../capture/capture-options.js';
import type { CookieOptions, EnrichmentOptions, GeoIpOptions } from '../enrichment/index.js';
import type { RetentionOptions } from '../retention/index.js';
import type { DeliveryOptions } from '../storages/contract/delivery-options.js';
import type { UsageStorage, OnTimeZoneChange } from '../storages/contract/usage-storage.js';

/**
 * What `TrackUsageModule.forRoot()` takes.
 *
 * @publicApi
 */
export interface TrackUsageModuleOptions
  extends CaptureOptions, EnrichmentOptions, DeliveryOptions {
  /**
   * Where geography (`record.ipInfo`) comes from: a service (`{ endpoint }`), a database file
   * (`{ database }`) or a function (`{ resolve }`).
   * @default none
   */
  geoIp?: GeoIpOptions;
  /**
   * Sets a first-party cookie with a random id on responses of tracked routes, for
   * `record.visitorId`.
   * @default false
   */
  cookie?: boolean | CookieOptions;
  /**
   * `'daily'`: tells visitors apart without a cookie, by a keyed hash of address, agent and host
   * whose key is random, lasts for a day (UTC), and is then forgotten. Each process has a key of its
   * own, unless a storage offers `dailySalt`.
   * @default none
   */
  visitors?: 'daily';
  /**
   * Where records go: storages and writers, each with a name of its own. The first that can read
   * answers `UsageService`.
   * @default one SqliteStorage on the SQLite file track-usage.sqlite, with sumBasic, sumRoutes and
   * sumStatuses
   */
  storages?: readonly UsageStorage[];
  /**
   * IANA name of the zone in which the hours, days and months of summaries are cut.
   * @default 'UTC'
   */
  timeZone?: string;
  /**
   * What becomes of sums that are cut in another zone than `timeZone`: `'refuse'` stops the start
   * of the application, `'rebuild'` cuts them anew from the records before it starts. Sums whose
   * records are gone stay as they are.
   * @default 'refuse'
   */
  onTimeZoneChange?: OnTimeZoneChange;
  /**
   * Distinct keys for each dimension and bucket of a summary; the rest counts under `(other)`.
   * @default 10_000
   */
  maxKeys?: number;
  /**
   * How long records and summaries are kept: `{ records: '90d', hour: '60d', day: '2y' }`. Deleted
   * in small batches, off the request's path, a minute after the start and then every hour.
   * @default for ever
   */
  retention?: RetentionOptions;
  /**
   * Whether events go out through `@nestjs/event-emitter` too, as `track-usage.record` and
   * `track-usage.summary`.
   * @default false
   */
  events?: boolean;
}

/**
 * Makes the options, for `forRootAsync({ useClass })` and `useExisting`.
 *
 * @publicApi
 */
export interface TrackUsageOptionsFactory {
  createTrackUsageOptions(): TrackUsageModuleOptions | Promise<TrackUsageModuleOptions>;
}
