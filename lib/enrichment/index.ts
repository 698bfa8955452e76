export type { EnrichmentOptions } from './enrichment-options.js';
export { EnrichmentStage, type RecordSink } from './enrichment-stage.js';
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
