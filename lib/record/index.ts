export { setOwn, type JsonObject, type JsonValue } from './json.js';
export type {
  IpInfo,
  RequestArgs,
  UsageOutcome,
  UsageRecord,
  UserAgentInfo,
  UserAgentKind,
} from './usage-record.js';
export { copyJson, MAX_JSON_DEPTH, MAX_JSON_VALUES, type JsonFilter } from './json-copy.js';
export {
  FIELD_BY_PATH,
  fieldReader,
  MAX_CONSUMER_LENGTH,
  MAX_TEXT_LENGTH,
  MAX_URL_LENGTH,
  MAX_USER_AGENT_LENGTH,
  RECORD_FIELDS,
  type FilterableField,
  type RecordField,
  type RecordPath,
  type ValueAt,
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
