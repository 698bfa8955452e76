import type { JsonValue, RequestArgs, UsageRecord } from '../record/index.js';

const FIXED_BYTES = 600;
const BYTES_PER_CHARACTER = 2;
const BYTES_PER_VALUE = 16;

/**
 * Estimates the bytes of memory that a record takes, from the fields whose length clients choose.
 * Names the fields itself, because reading them by a list takes five times as long. A spec compares
 * them with the table of fields.
 */
export function recordSize(record: UsageRecord): number {
  return (
    FIXED_BYTES +
    BYTES_PER_CHARACTER *
      (record.url.length +
        record.path.length +
        lengthOf(record.xForwardedFor) +
        lengthOf(record.referrer) +
        lengthOf(record.userAgent.string)) +
    argsSize(record.urlArgs) +
    (record.viewArgs === null ? 0 : argsSize(record.viewArgs)) +
    (record.trackVar === null ? 0 : jsonSize(record.trackVar)) +
    (record.ipInfo === null ? 0 : jsonSize(record.ipInfo.raw))
  );
}

function lengthOf(text: string | null): number {
  return text === null ? 0 : text.length;
}

function argsSize(args: RequestArgs): number {
  let bytes = 0;
  for (const name in args) bytes += BYTES_PER_CHARACTER * name.length + jsonSize(args[name] ?? '');
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
