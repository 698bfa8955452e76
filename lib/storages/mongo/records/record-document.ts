import type { JsonValue, UsageRecord } from '../../../record/index.js';
import type { MongoDocument } from '../connection/shapes.js';
import { fromJsonField, toJsonField } from './json-field.js';

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
