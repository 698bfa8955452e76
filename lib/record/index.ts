export type { IpInfo } from './ip-info.js';
export type { JsonObject, JsonValue } from './json.js';
export type { RequestArgs } from './request-args.js';
export type { UsageOutcome, UsageRecord } from './usage-record.js';
export type { UserAgentInfo, UserAgentKind } from './user-agent-info.js';
export { copyJson, MAX_JSON_DEPTH, MAX_JSON_VALUES, type JsonFilter } from './json-copy.js';
export { setOwn } from './own-property.js';
