export { ClientLookup, type ClientLookupOptions } from './client-lookup.js';
export { ENRICHMENT_OPTIONS, type EnrichmentOptions } from './enrichment-options.js';
export { EnrichmentStage, type ClientLookups, type RecordSink } from './enrichment-stage.js';
export type {
  GeoIpAnswer,
  GeoIpDatabaseOptions,
  GeoIpEndpointOptions,
  GeoIpLimits,
  GeoIpOptions,
  GeoIpResolverOptions,
} from './geo-ip/geo-ip-options.js';
export type { GeoIpStats } from './geo-ip/geo-ip-stats.js';
export { GeoIp } from './geo-ip/geo-ip.js';
export { DEFAULT_REDACTED_NAMES } from './privacy/default-redacted-names.js';
export {
  RecordBuilder,
  type ClientFacts,
  type EnrichmentLoss,
  type RecordBuilderEvents,
} from './record-builder.js';
export type { DailySaltStore } from './visitors/daily-salts.js';
export { DailySalts } from './visitors/daily-salts.js';
export { DailyVisitors } from './visitors/daily-visitors.js';
export { VisitorCookie } from './visitors/visitor-cookie.js';
export type { CookieOptions } from './visitors/cookie-options.js';
