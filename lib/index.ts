/**
 * The module, decorators, reading, summaries, and the storages that need no database server.
 *
 * @module nestjs-track-usage
 */
export {
  byApiKey,
  byClientHeaders,
  byUser,
  TrackUsageInterceptor,
  type ApiKeyOptions,
  type ApiKeyReader,
  type CaptureOptions,
  type ClientHeadersReader,
  type TrackUsageMode,
  type UsageClient,
  type UsageClientReader,
  type UsageConsumer,
  type UsageConsumerReader,
  type UserReader,
} from './capture/index.js';
export {
  DeprecatedRoute,
  getUsageStorageToken,
  InjectUsageStorage,
  SkipTracking,
  TrackUsage,
  TrackVar,
  trackVars,
  type DeprecatedRouteOptions,
  type TrackUsageRouteOptions,
  type TrackVars,
} from './decorators/index.js';
export type { DropReason, JournalOptions, JournalStats, StorageStats } from './delivery/index.js';
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
export type { DeprecatedCallEvent } from './events/deprecated-calls.js';
export type { RouteDeprecation } from './record/route-deprecation.js';
export type { RoutesQuery, UsageRoute } from './reading/routes/usage-route.js';
export type {
  CalledRoute,
  RouteCaller,
  RouteReview,
  RouteReviewQuery,
  VersionShare,
} from './reading/routes/route-review.js';
export type { NoteChange, NoteKind } from './storages/contract/usage-notes.js';
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
export type {
  PruneBounds,
  PruneCounts,
  PruneResult,
  SummaryDifference,
  UsageSubject,
} from './storages/contract/maintenance.js';
export type { RetentionOptions } from './retention/retention-options.js';
export {
  DEFAULT_DELIVERY_OPTIONS,
  type DeliveryOptions,
} from './storages/contract/delivery-options.js';
export {
  NewerFormatError,
  OutdatedFormatError,
  StorageUnavailableError,
  TimeZoneChangedError,
} from './storages/contract/storage-errors.js';
export { UsageQueryError } from './storages/contract/usage-query.error.js';
export type {
  DateRange,
  QueryLimits,
  SumQuery,
  TimeRange,
  UsageFilter,
  UsageQuery,
} from './storages/contract/usage-query.js';
export type { OwnSummaries } from './storages/contract/own-summaries.js';
export type {
  Dimension,
  Metric,
  MetricValues,
  ReportComparison,
  ReportInterval,
  ReportQuery,
  ReportRange,
  ReportRow,
  UsageReport,
} from './storages/contract/usage-report.js';
export type {
  UsageCondition,
  UsageOperators,
  UsageWhere,
} from './storages/contract/usage-where.js';
export {
  UsageStorage,
  type StorageOptions,
  type StoredSums,
  type UsageHook,
  type UsageHookFunction,
  type UsageHookHandler,
  type UsageStorageContext,
} from './storages/contract/usage-storage.js';
export { MemoryStorage, type MemoryStorageOptions } from './storages/memory/memory.storage.js';
export type { SqliteStorageOptions } from './storages/sqlite/sqlite-storage.options.js';
export { SqliteStorage } from './storages/sqlite/sqlite.storage.js';
export { OutputWriter, type OutputWriterOptions } from './storages/writers/output-writer.js';
export { PrintWriter, type PrintWriterOptions } from './storages/writers/print-writer.js';
export {
  summary,
  sumBasic,
  sumBy,
  sumBlueprints,
  sumClients,
  sumConsumers,
  sumGeo,
  sumLanguages,
  SummaryHook,
  SummaryNotKeptError,
  sumReleases,
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
export { ConsumerReader } from './reading/consumer-reader.js';
export { UsageReader, type ForgetResult } from './reading/usage-reader.js';
export { UsageService } from './reading/usage.service.js';
export { type UsageStats } from './reading/usage-source.js';
