import {
  RECORD_FIELDS,
  type JsonValue,
  type RecordField,
  type UsageRecord,
  type UserAgentInfo,
} from '../record/index.js';

const FIXED_BYTES = 600;
const BYTES_PER_CHARACTER = 2;
const BYTES_PER_VALUE = 16;

const AGENT = 'userAgent.';
const isText = (field: RecordField) => field.kind === 'text' && field.isClientText;
const isOfAgent = ({ path }: RecordField) => path.startsWith(AGENT);

// What clients choose the length of; the rest is short, or shared by many records.
const TEXTS = RECORD_FIELDS.filter((each) => isText(each) && !isOfAgent(each)).map(
  ({ path }) => path as keyof UsageRecord,
);
const AGENT_TEXTS = RECORD_FIELDS.filter((each) => isText(each) && isOfAgent(each)).map(
  ({ path }) => path.slice(AGENT.length) as keyof UserAgentInfo,
);
const JSONS = RECORD_FIELDS.filter(({ kind }) => kind === 'json').map(
  ({ path }) => path as keyof UsageRecord,
);

/** Bytes of memory that a record takes, estimated from its text. */
export function recordSize(record: UsageRecord): number {
  let characters = 0;
  for (const name of TEXTS) characters += (record[name] as string | null)?.length ?? 0;
  for (const name of AGENT_TEXTS) characters += record.userAgent[name]?.length ?? 0;
  let bytes = FIXED_BYTES + BYTES_PER_CHARACTER * characters;
  for (const name of JSONS) {
    const value = record[name] as JsonValue;
    if (value !== null) bytes += jsonSize(value);
  }
  return bytes;
}

function jsonSize(value: JsonValue): number {
  if (typeof value === 'string') return BYTES_PER_VALUE + BYTES_PER_CHARACTER * value.length;
  if (typeof value !== 'object' || value === null) return BYTES_PER_VALUE;
  let bytes = BYTES_PER_VALUE;
  if (Array.isArray(value)) for (const item of value) bytes += jsonSize(item);
  else
    for (const name of Object.keys(value))
      bytes += BYTES_PER_CHARACTER * name.length + jsonSize(value[name] ?? null);
  return bytes;
}
