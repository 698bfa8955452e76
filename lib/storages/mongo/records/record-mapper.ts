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
 * A record as a document: `_id` is its id, the other fields are the record's own.
 *
 * @param batch The batch that counts it; null where no summaries are kept.
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

/** A document as a record, whatever else the document holds. */
export function recordOf(document: MongoDocument): UsageRecord {
  return toRecord(document['_id'], document, document['userAgent'] ?? {}, READ);
}

// The server takes 100 levels in all.
const MAX_DEPTH = 50;
// Halves of pairs cannot be written as UTF-8; JSON text escapes them.
const LONE_SURROGATE = /[\ud800-\udfff]/u;

/**
 * A JSON value as it is stored in a field. Where every name in it is one that documents can have,
 * it is stored as it is, to be queried; else as JSON text. A string never comes here by itself,
 * so that text is what says so.
 *
 * Names that cannot be: those that begin with `$` or hold a dot (operators and paths), that hold
 * NUL (which ends a name), that are empty, `__proto__` and `_bsontype` (which drivers act on).
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

function isPlainName(name: string): boolean {
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
