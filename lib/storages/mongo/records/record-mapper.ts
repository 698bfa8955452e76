import type { JsonValue, UsageRecord } from '../../../record/index.js';
import type { MongoDocument } from '../connection/shapes.js';

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
  const agent = record.userAgent;
  const document: MongoDocument = {
    _id: record.id,
    date: record.date,
    url: record.url,
    path: record.path,
    method: record.method,
    protocol: record.protocol,
    route: record.route,
    blueprint: record.blueprint,
    handler: record.handler,
    viewArgs: jsonField(record.viewArgs),
    urlArgs: jsonField(record.urlArgs),
    status: record.status,
    outcome: record.outcome,
    speed: Math.round(record.speed * 1e6) / 1e6,
    contentLength: record.contentLength,
    remoteAddr: record.remoteAddr,
    xForwardedFor: record.xForwardedFor,
    referrer: record.referrer,
    authorization: record.authorization,
    username: record.username,
    userAgent: {
      browser: agent.browser,
      version: agent.version,
      platform: agent.platform,
      language: agent.language,
      string: agent.string,
      kind: agent.kind,
    },
    ipInfo: jsonField(record.ipInfo as JsonValue),
    visitorId: record.visitorId,
    serverName: record.serverName,
    trackVar: jsonField(record.trackVar),
    weight: record.weight,
  };
  if (website !== null) document['website'] = website;
  if (batch !== null) document['batch'] = batch;
  return document;
}

/** A document as a record, whatever else the document holds. */
export function recordOf(document: MongoDocument): UsageRecord {
  const agent = (document['userAgent'] ?? {}) as MongoDocument;
  const value = (name: string) => document[name] ?? null;
  return {
    id: document['_id'],
    date: document['date'],
    url: document['url'],
    path: document['path'],
    method: document['method'],
    protocol: document['protocol'],
    route: value('route'),
    blueprint: value('blueprint'),
    handler: value('handler'),
    viewArgs: fromJsonField(document['viewArgs']),
    urlArgs: fromJsonField(document['urlArgs']) ?? {},
    status: Number(document['status']),
    outcome: document['outcome'],
    speed: Number(document['speed']),
    contentLength: Number(document['contentLength']),
    remoteAddr: value('remoteAddr'),
    xForwardedFor: value('xForwardedFor'),
    referrer: value('referrer'),
    authorization: document['authorization'] === true,
    username: value('username'),
    userAgent: {
      browser: agent['browser'] ?? null,
      version: agent['version'] ?? null,
      platform: agent['platform'] ?? null,
      language: agent['language'] ?? null,
      string: agent['string'] ?? null,
      kind: agent['kind'],
    },
    ipInfo: fromJsonField(document['ipInfo']),
    visitorId: value('visitorId'),
    serverName: document['serverName'],
    trackVar: fromJsonField(document['trackVar']),
    weight: Number(document['weight']),
  } as UsageRecord;
}

function jsonField(value: JsonValue): JsonValue {
  return value === null ? null : toJsonField(value);
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
