export type { IpInfo } from './ip-info.js';
export type { JsonObject, JsonValue } from './json.js';
export type { RequestArgs } from './request-args.js';
export type { UsageOutcome, UsageRecord } from './usage-record.js';
export type { UserAgentInfo, UserAgentKind } from './user-agent-info.js';
export { copyJson, MAX_JSON_DEPTH, MAX_JSON_VALUES, type JsonFilter } from './json-copy.js';
export { setOwn } from './own-property.js';
export {
  MAX_TEXT_LENGTH,
  MAX_URL_LENGTH,
  MAX_USER_AGENT_LENGTH,
  RECORD_FIELDS,
  type FilterableField,
  type RecordField,
  type RecordPath,
} from './record-fields.js';
export {
  agentOf,
  AS_IS,
  mapRecord,
  toMicroseconds,
  toRecord,
  valuesOf,
  type ValueMapper,
} from './record-values.js';
