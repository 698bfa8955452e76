import {
  AS_IS,
  mapRecord,
  toMicroseconds,
  toRecord,
  type JsonValue,
  type UsageRecord,
  type ValueMapper,
} from '../../../record/index.js';
import type { MongoDocument } from '../connection/shapes.js';

const WRITE: ValueMapper = {
  ...AS_IS,
  microseconds: toMicroseconds,
  json: (value) => (value === null ? null : toJsonField(value as JsonValue)),
};

const READ: ValueMapper = {
  instant: AS_IS.instant,
  microseconds: Number,
  integer: Number,
  bigInteger: Number,
  real: Number,
  flag: (value) => value === true,
  json: fromJsonField,
  missing: null,
};

/**
 * Maps a record to a document: `_id` is the record's id, and the other fields have the record's
 * names.
 *
 * @param batch Name of the batch that counts the record. Null if no summaries are kept.
 */
export function documentOf(
  record: UsageRecord,
  batch: string | null,
  website: string | null,
): MongoDocument {
  const document: MongoDocument = mapRecord(record, record.userAgent, WRITE);
  document['_id'] = record.id;
  if (website !== null) document['website'] = website;
  if (batch !== null) document['batch'] = batch;
  return document;
}

/** Maps a document to a record. Ignores other fields of the document. */
export function recordOf(document: MongoDocument): UsageRecord {
  return toRecord(document['_id'], document, document['userAgent'] ?? {}, READ);
}

// The server accepts 100 levels in all.
const MAX_DEPTH = 50;
// A lone surrogate cannot be encoded as UTF-8. JSON text escapes it.
const LONE_SURROGATE = /[\ud800-\udfff]/u;

/**
 * Maps a JSON value to a field's value. The value is stored as it is, so that it can be queried, if
 * documents can hold it: each name is allowed, no text holds a lone surrogate and it is at most 50
 * levels deep. Otherwise it is stored as JSON text. A string is never passed here by itself, so a
 * stored text is always JSON.
 *
 * Names that are not allowed: those that begin with `$` or hold a dot (operators and paths), hold
 * NUL (which ends a name) or are empty, and `__proto__` and `_bsontype` (which drivers interpret).
 */
export function toJsonField(value: JsonValue): JsonValue {
  return isPlain(value, 0) ? value : JSON.stringify(value);
}

export function fromJsonField(value: unknown): unknown {
  return typeof value === 'string' ? JSON.parse(value) : (value ?? null);
}

function isPlain(value: JsonValue, depth: number): boolean {
  if (typeof value === 'string') return !LONE_SURROGATE.test(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!isPlain(item, depth + 1)) return false;
    return true;
  }
  for (const name of Object.keys(value))
    if (!isPlainName(name) || !isPlain(value[name]!, depth + 1)) return false;
  return true;
}

/** Whether a document can hold a name. */
export function isPlainName(name: string): boolean {
  return (
    name !== '' &&
    name.charCodeAt(0) !== 0x24 &&
    !name.includes('.') &&
    !name.includes('\0') &&
    name !== '__proto__' &&
    name !== '_bsontype' &&
    !LONE_SURROGATE.test(name)
  );
}
