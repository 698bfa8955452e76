import {
  agentOf,
  AS_IS,
  RECORD_FIELDS,
  toMicroseconds,
  toRecord,
  type IpInfo,
  type RecordField,
  type RequestArgs,
  type UsageRecord,
  type UserAgentInfo,
} from '../../record/index.js';
import { readRouteArgs } from '../route-args.js';
import { sanitizeText, sanitizeTextOrNull, toJsonObject, toJsonValue } from '../text-limits.js';

/**
 * Checks what a user's `anonymize` returned, and applies the limits again. The record keeps its
 * original `id`, by which storages recognise a record that is sent twice.
 *
 * @throws {TypeError} if it is neither a record nor null. The message names the field.
 */
export function toAnonymizedRecord(id: string, returned: unknown): UsageRecord | null {
  if (returned === null) return null;
  if (typeof returned !== 'object' || 'then' in returned) {
    // The promise is not awaited, and its rejection must not end the process.
    if (returned instanceof Promise) returned.catch(() => undefined);
    throw unexpectedValueError('', 'a record or null, and no promise', returned);
  }
  const record = returned as UsageRecord;
  if (!(record.date instanceof Date) || Number.isNaN(record.date.getTime())) {
    throw unexpectedValueError('.date', 'a valid Date', record.date);
  }
  const { userAgent } = record;
  if (typeof userAgent !== 'object' || userAgent === null) {
    throw unexpectedValueError('.userAgent', 'an object', userAgent);
  }
  const checked: Record<string, unknown> = {};
  for (const field of RECORD_FIELDS) checked[field.path] = checkValue(field, record);
  return toRecord(id, checked, agentOf(checked), AS_IS);
}

function checkValue(field: RecordField, record: UsageRecord): unknown {
  const { path, nullable } = field;
  const [name, part] = path.split('.') as [keyof UsageRecord, keyof UserAgentInfo | undefined];
  const value: unknown = part === undefined ? record[name] : record.userAgent[part];
  switch (field.kind) {
    case 'id':
    case 'instant':
      return value;
    case 'text':
      if (nullable) return sanitizeTextOrNull(value, field.maxLength);
      if (typeof value !== 'string') throw unexpectedValueError(`.${path}`, 'a string', value);
      return sanitizeText(value, field.maxLength);
    case 'choice':
      return field.choices.includes(value as string) ? value : field.otherwise;
    case 'flag':
      return value === true;
    case 'json':
      return checkJson(field.shape, value);
    default: {
      if (!Number.isFinite(value)) throw unexpectedValueError(`.${path}`, 'a finite number', value);
      return field.kind === 'microseconds' ? toMicroseconds(value) : value;
    }
  }
}

function checkJson(shape: 'args' | 'geography' | 'object', value: unknown): unknown {
  switch (shape) {
    case 'args':
      return typeof value === 'object' && value !== null
        ? readRouteArgs(value as RequestArgs, null)
        : null;
    case 'geography':
      return value && { ...(value as IpInfo), raw: toJsonValue((value as IpInfo).raw) };
    case 'object':
      return toJsonObject(value);
  }
}

function unexpectedValueError(field: string, what: string, given: unknown): TypeError {
  const shown = given instanceof Date ? 'an invalid Date' : given === null ? 'null' : typeof given;
  return new TypeError(
    `anonymize(record) must return ${what}${field && ` as its ${field.slice(1)}`}, but gave ${shown}. ` +
      'The record was not stored. Return the changed record, or null to store none.',
  );
}
