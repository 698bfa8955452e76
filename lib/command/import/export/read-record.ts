import {
  agentOf,
  AS_IS,
  RECORD_FIELDS,
  toMicroseconds,
  toRecord,
  type RecordField,
  type UsageRecord,
} from '../../../record/index.js';
import { sanitizeText, toJsonObject, toJsonValue } from '../../../enrichment/text-limits.js';
import { readRouteArgs } from '../../../enrichment/route-args.js';
import { UnreadableError } from '../unreadable.error.js';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The record that a JSON object holds. Fields that it lacks because they are newer than it are null.
 *
 * @throws {UnreadableError} if it is no record. The message names the field.
 */
export function recordFromJson(value: unknown): UsageRecord {
  if (!isObject(value)) throw new UnreadableError('it is no object');
  const agent = isObject(value['userAgent']) ? value['userAgent'] : {};
  const fields: Record<string, unknown> = {};
  for (const field of RECORD_FIELDS) {
    const { path } = field;
    const isOfAgent = path.startsWith('userAgent.');
    const given = isOfAgent ? agent[path.slice('userAgent.'.length)] : value[path];
    fields[path] = read(field, given ?? null);
  }
  return toRecord(fields['id'], fields, agentOf(fields), AS_IS);
}

function read(field: RecordField, value: unknown): unknown {
  if (value === null && field.nullable) return null;
  switch (field.kind) {
    case 'id':
      return typeof value === 'string' && ID.test(value) ? value : fail(field, 'a UUID', value);
    case 'instant': {
      const date = typeof value === 'string' ? new Date(value) : null;
      return date && !Number.isNaN(date.getTime()) ? date : fail(field, 'a date', value);
    }
    case 'text':
      return typeof value === 'string'
        ? sanitizeText(value, field.maxLength)
        : fail(field, 'a text', value);
    case 'choice':
      return field.choices.includes(value as string)
        ? value
        : fail(field, `one of ${field.choices.join(', ')}`, value);
    case 'flag':
      return typeof value === 'boolean' ? value : fail(field, 'true or false', value);
    case 'json':
      return isObject(value) ? readJson(field.shape, value) : fail(field, 'an object', value);
    default:
      return readNumber(field, value);
  }
}

function readNumber(field: RecordField, value: unknown): unknown {
  if (typeof value !== 'number' || !Number.isFinite(value)) return fail(field, 'a number', value);
  if (field.kind === 'microseconds') return toMicroseconds(value);
  if (field.kind === 'real' || Number.isSafeInteger(value)) return value;
  return fail(field, 'a whole number', value);
}

function readJson(shape: 'args' | 'geography' | 'object', value: Record<string, unknown>): unknown {
  switch (shape) {
    case 'args':
      return readRouteArgs(value as Record<string, string>, null);
    case 'geography':
      return { ...EMPTY_PLACE, ...(toJsonValue(value) as object) };
    case 'object':
      return toJsonObject(value);
  }
}

const EMPTY_PLACE = {
  country: null,
  region: null,
  city: null,
  latitude: null,
  longitude: null,
  raw: null,
};

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fail({ path }: RecordField, wanted: string, given: unknown): never {
  const shown = JSON.stringify(given).slice(0, 60);
  throw new UnreadableError(`${path}: expected ${wanted}, but got ${shown}`);
}
