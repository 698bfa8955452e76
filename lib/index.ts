export {
  TrackUsageInterceptor,
  type CaptureOptions,
  type TrackUsageMode,
} from './capture/index.js';
export {
  getUsageStorageToken,
  InjectUsageStorage,
  SkipTracking,
  TrackUsage,
  TrackVar,
  type TrackUsageRouteOptions,
  type TrackVars,
} from './decorators/index.js';
export type { DropReason, StorageStats } from './delivery/index.js';
export {
  DEFAULT_REDACTED_NAMES,
  type CookieOptions,
  type EnrichmentOptions,
  type GeoIpAnswer,
  type GeoIpDatabaseOptions,
  type GeoIpEndpointOptions,
  type GeoIpLimits,
  type GeoIpOptions,
  type GeoIpResolverOptions,
  type GeoIpStats,
} from './enrichment/index.js';
export type { UsageSummaryEvent } from './events/usage-events.js';
export { TrackUsageOptionsError } from './support/track-usage-options.error.js';
export type {
  IpInfo,
  JsonObject,
  JsonValue,
  RequestArgs,
  UsageOutcome,
  UsageRecord,
  UserAgentInfo,
  UserAgentKind,
} from './record/index.js';
export type { PruneResult } from './storages/contract/prune.js';
export type { RetentionOptions } from './retention/retention-options.js';
export {
  DEFAULT_DELIVERY_OPTIONS,
  MemoryStorage,
  OutputWriter,
  PrintWriter,
  SqliteStorage,
  StorageUnavailableError,
  UsageQueryError,
  UsageStorage,
  type DateRange,
  type DeliveryOptions,
  type MemoryStorageOptions,
  type OutputWriterOptions,
  type PrintWriterOptions,
  type PruneBounds,
  type PruneCounts,
  type SqliteStorageOptions,
  type StorageOptions,
  type SummaryDifference,
  type SumQuery,
  type UsageFilter,
  type UsageHook,
  type UsageHookFunction,
  type UsageHookHandler,
  type UsageQuery,
  type UsageStorageContext,
  type UsageSubject,
  type UsageWhere,
} from './storages/index.js';
export {
  summary,
  sumBasic,
  sumGeo,
  sumLanguages,
  SummaryHook,
  SummaryNotKeptError,
  sumRemotes,
  sumRoutes,
  sumServer,
  sumStatuses,
  sumUrls,
  sumUserAgents,
  sumVisitors,
  type SummaryPeriod,
  type UsageCounts,
  type UsageSum,
  type UsageSums,
} from './summary/index.js';
export { TrackUsageModule } from './module/track-usage.module.js';
export type {
  TrackUsageModuleOptions,
  TrackUsageOptionsFactory,
} from './module/track-usage.options.js';
export { UsageHealthIndicator, type UsageHealth } from './reading/usage-health.indicator.js';
export { UsageReader, type ForgetResult } from './reading/usage-reader.js';
export { UsageService } from './reading/usage.service.js';
export { type UsageStats } from './reading/usage-source.js';
