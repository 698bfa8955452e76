export { DEFAULT_DELIVERY_OPTIONS } from './contract/delivery-options.js';
export type { DeliveryOptions } from './contract/delivery-options.js';
export type { UsageSubject } from './contract/usage-subject.js';
export { MemoryStorage } from './memory/memory.storage.js';
export type { MemoryStorageOptions } from './memory/memory.storage.js';
export type { StorageOptions } from './contract/usage-storage.js';
export { SqliteStorage } from './sqlite/sqlite.storage.js';
export type { SqliteStorageOptions } from './sqlite/sqlite-storage.options.js';
export { StorageUnavailableError } from './contract/storage-unavailable.error.js';
export { OutputWriter } from './writers/output-writer.js';
export type { OutputWriterOptions } from './writers/output-writer.js';
export { PrintWriter } from './writers/print-writer.js';
export type { PrintWriterOptions } from './writers/print-writer.js';
export type { UsageHook, UsageHookFunction, UsageHookHandler } from './contract/usage-storage.js';
export type { PruneBounds, PruneCounts } from './contract/prune.js';
export type { SummaryDifference } from './contract/summary-difference.js';
export { UsageQueryError } from './contract/usage-query.error.js';
export type {
  DateRange,
  SumQuery,
  UsageFilter,
  UsageQuery,
  UsageWhere,
} from './contract/usage-query.js';
export { UsageStorage } from './contract/usage-storage.js';
export type { UsageStorageContext } from './contract/usage-storage.js';
