export type { DropReason, StorageStats } from './delivery/index.js';
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
export { OutputWriter, type OutputWriterOptions } from './storages/output-writer.js';
export { PrintWriter, type PrintWriterOptions } from './storages/print-writer.js';
export { UsageStorage, type UsageStorageContext } from './storages/usage-storage.js';
export type { UsageHook, UsageHookFunction, UsageHookHandler } from './storages/usage-hook.js';
