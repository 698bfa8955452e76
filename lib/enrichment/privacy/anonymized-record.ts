import type { IpInfo, RequestArgs, UsageRecord } from '../../record/index.js';
import {
  toJsonObject,
  toJsonValue,
  MAX_TEXT_LENGTH,
  MAX_URL_LENGTH,
  MAX_USER_AGENT_LENGTH,
  storable,
  storableOrNull,
} from '../text-limits.js';
import { plainRecord } from '../plain-record.js';
import { readRouteArgs } from '../route-args.js';

/**
 * What a user's `anonymize` returned, held to the record's shape and limits once more. Its `id`
 * stays what it was: it is what makes storing a record twice harmless.
 *
 * @throws {TypeError} It is neither a record nor null; the message names the field.
 */
export function anonymizedRecord(id: string, returned: unknown): UsageRecord | null {
  if (returned === null) return null;
  if (typeof returned !== 'object' || 'then' in returned) {
    // What is not waited for must not end the process when it fails.
    if (returned instanceof Promise) returned.catch(() => undefined);
    throw expected('', 'a record or null, and no promise', returned);
  }
  const record = returned as UsageRecord;
  if (!(record.date instanceof Date) || Number.isNaN(record.date.getTime())) {
    throw expected('.date', 'a valid Date', record.date);
  }
  const { userAgent } = record;
  if (typeof userAgent !== 'object' || userAgent === null) {
    throw expected('.userAgent', 'an object', userAgent);
  }
  return plainRecord({
    id,
    date: record.date,
    url: text(record, 'url', MAX_URL_LENGTH),
    path: text(record, 'path', MAX_URL_LENGTH),
    method: text(record, 'method'),
    protocol: text(record, 'protocol'),
    route: storableOrNull(record.route),
    blueprint: storableOrNull(record.blueprint),
    handler: storableOrNull(record.handler),
    viewArgs: args(record.viewArgs),
    urlArgs: args(record.urlArgs) ?? {},
    status: number(record, 'status'),
    outcome: record.outcome === 'aborted' ? 'aborted' : 'completed',
    speed: Math.round(number(record, 'speed') * 1e6) / 1e6,
    contentLength: number(record, 'contentLength'),
    remoteAddr: storableOrNull(record.remoteAddr),
    xForwardedFor: storableOrNull(record.xForwardedFor),
    referrer: storableOrNull(record.referrer),
    authorization: record.authorization === true,
    username: storableOrNull(record.username),
    userAgent: {
      browser: storableOrNull(userAgent.browser),
      version: storableOrNull(userAgent.version),
      platform: storableOrNull(userAgent.platform),
      language: storableOrNull(userAgent.language),
      string: storableOrNull(userAgent.string, MAX_USER_AGENT_LENGTH),
      kind: userAgent.kind,
    },
    ipInfo: geography(record.ipInfo),
    visitorId: storableOrNull(record.visitorId),
    serverName: text(record, 'serverName'),
    trackVar: toJsonObject(record.trackVar),
    weight: number(record, 'weight'),
  });
}

function text(record: UsageRecord, field: keyof UsageRecord, limit = MAX_TEXT_LENGTH): string {
  const value = record[field];
  if (typeof value !== 'string') throw expected(`.${field}`, 'a string', value);
  return storable(value, limit);
}

function number(record: UsageRecord, field: keyof UsageRecord): number {
  const value = record[field];
  if (!Number.isFinite(value)) throw expected(`.${field}`, 'a finite number', value);
  return value as number;
}

function args(value: RequestArgs | null): RequestArgs | null {
  return typeof value === 'object' && value !== null ? readRouteArgs(value, null) : null;
}

function geography(ipInfo: IpInfo | null): IpInfo | null {
  return ipInfo && { ...ipInfo, raw: toJsonValue(ipInfo.raw) };
}

function expected(field: string, what: string, given: unknown): TypeError {
  const shown = given instanceof Date ? 'an invalid Date' : given === null ? 'null' : typeof given;
  return new TypeError(
    `anonymize(record) must return ${what}${field && ` as its ${field.slice(1)}`}, but gave ${shown}. ` +
      'The record was not stored. Return the changed record, or null to store none.',
  );
}
