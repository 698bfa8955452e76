import { readIpInfo } from '../../../enrichment/geo-ip/read-ip-info.js';
import type { CapturedRequest } from '../../../record/captured-request.js';
import {
  setOwn,
  type IpInfo,
  type JsonObject,
  type JsonValue,
  type RequestArgs,
} from '../../../record/index.js';
import type { FoundRoute } from '../logs/to-request.js';
import type { TimeReader } from '../read-time.js';
import type { ImportedFacts } from '../source-item.js';
import { UnreadableError } from '../unreadable.error.js';
import { readLiteral } from './python-literal.js';
import { clientOf } from './werkzeug-agents.js';

/** A row or a document of the original, in the names and the forms of its storage. */
export type FlaskUsage = Readonly<Record<string, unknown>>;

/** What a row becomes. */
export interface FlaskRequest {
  readonly captured: Omit<CapturedRequest, 'id'>;
  readonly facts: ImportedFacts;
}

export interface FlaskSettings {
  readonly times: TimeReader;
  /** The route of a request; the method is null where the original has not kept it. */
  readonly findRoute?: ((method: string | null, path: string) => FoundRoute | null) | undefined;
}

/** What stands for the method and the protocol, which most storages of the original do not keep. */
export const UNKNOWN_METHOD = 'UNKNOWN';
const UNKNOWN_PROTOCOL = 'unknown';
const REQUEST = /^([A-Z][A-Z-]*) .*? ?(HTTP\/\d(?:\.\d)?)?$/s;
const LOGGED_REQUEST = /\] "([A-Z][A-Z-]* .*? HTTP\/\d(?:\.\d)?)" \d{3} /s;

/** The keys that have a place in the record, or name the row. Others are kept beside. */
const PLACED = new Set([
  ...['id', '_id', '_rev', 'url', 'path', 'user_agent', 'ua_browser', 'ua_language'],
  ...['ua_platform', 'ua_version', 'blueprint', 'view_args', 'status', 'remote_addr'],
  ...['xforwardedfor', 'authorization', 'ip_info', 'speed', 'date', 'datetime', 'content_length'],
  ...['request', 'url_args', 'username', 'track_var', 'server_name'],
]);

/** Half of a character, which has no bytes. */
const LONE = /^[\ud800-\udfff]$/;

/** @throws {UnreadableError} if a row lacks what a record cannot do without. */
export function flaskRequest(usage: FlaskUsage, settings: FlaskSettings): FlaskRequest {
  const beside: JsonObject = {};
  const time = settings.times.parse(dateText(usage['date'] ?? usage['datetime']));
  if (time === null) throw new UnreadableError('it has no date');
  const url = urlOf(usage);
  const { method, protocol } = requestOf(usage);
  const found = settings.findRoute?.(method, pathOf(url)) ?? null;
  const agent = isObject(usage['user_agent']) ? usage['user_agent'] : {};
  const string = textOf(agent['string']);
  const ipInfo = geographyOf(usage['ip_info'], beside);
  const viewArgs = argsOf(usage['view_args'], beside);
  const vars = variablesOf(usage['track_var'], beside);
  for (const [name, value] of Object.entries(usage))
    if (!PLACED.has(name) && value !== null && value !== undefined)
      setOwn(beside, name, toJson(value));
  return {
    captured: {
      date: time.ms,
      url,
      method: method ?? UNKNOWN_METHOD,
      protocol: protocol ?? UNKNOWN_PROTOCOL,
      route: found && found.route,
      blueprint: textOf(usage['blueprint']) ?? (found && found.blueprint),
      handler: found && found.handler,
      viewArgs: viewArgs ?? (found && found.viewArgs),
      status: statusOf(usage['status']),
      outcome: 'completed',
      speed: Math.round(numberOf(usage['speed']) * 1e6),
      contentLength: Math.max(0, Math.trunc(numberOf(usage['content_length']))),
      remoteAddr: textOf(usage['remote_addr']),
      xForwardedFor: textOf(usage['xforwardedfor']),
      referrer: null,
      authorization: [true, 1, 'True', 'true', '1', 't'].includes(usage['authorization'] as string),
      username: textOf(usage['username']),
      consumer: null,
      client: null,
      userAgent: string,
      acceptLanguage: textOf(agent['language']),
      visitorId: null,
      optedOut: false,
      trackVar: withBeside(vars, beside),
      apiVersion: found && found.apiVersion,
      traceId: null,
      weight: 1,
      storages: null,
    },
    facts: {
      ipInfo,
      serverName: textOf(usage['server_name']) ?? undefined,
      userAgent:
        string !== null
          ? undefined
          : clientOf({
              browser: textOf(agent['browser'] ?? usage['ua_browser']),
              version: textOf(agent['version'] ?? usage['ua_version']),
              platform: textOf(agent['platform'] ?? usage['ua_platform']),
              language: textOf(agent['language'] ?? usage['ua_language']),
            }),
    },
  };
}

/** Dates are naive: a zone that a driver has put to them says nothing. */
function dateText(value: unknown): string {
  const text = value instanceof Date ? value.toISOString() : (textOf(value) ?? '');
  return text.replace(/(?:Z|[+-]00:?00)$/, '');
}

/** Flask decodes URLs for people. The record has them as they were sent. */
function urlOf(usage: FlaskUsage): string {
  const text = textOf(usage['url']) ?? textOf(usage['path']);
  if (text === null) throw new UnreadableError('it has no URL');
  const url = text.replace(/[^\x21-\x7e]|["<>\\^`{|}]/gu, (character) =>
    LONE.test(character) ? '%EF%BF%BD' : encodeURIComponent(character),
  );
  const args = decoded(usage['url_args']);
  if (url.includes('?') || !isObject(args)) return url;
  const query = new URLSearchParams(
    Object.entries(args).flatMap(([name, value]) =>
      [value].flat().map((each) => [name, String(each)] as [string, string]),
    ),
  ).toString();
  return query === '' ? url : `${url}?${query}`;
}

function pathOf(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '').split('?', 1)[0] || '/';
}

function requestOf(usage: FlaskUsage): { method: string | null; protocol: string | null } {
  const line =
    textOf(usage['request']) ??
    LOGGED_REQUEST.exec(textOf(usage['apache_combined_log']) ?? '')?.[1];
  const [, method = null, protocol = null] = REQUEST.exec(line ?? '') ?? [];
  return { method, protocol };
}

function geographyOf(given: unknown, beside: JsonObject): IpInfo | null {
  const value = decoded(given);
  if (value === null || value === '') return null;
  try {
    if (isObject(value)) return readIpInfo(value);
  } catch {
    // An answer that says that the service failed is kept beside.
  }
  setOwn(beside, 'ip_info', toJson(value));
  return null;
}

/** Null is none: no route matched. What a storage has cut is kept beside as well, as it stands. */
function argsOf(given: unknown, beside: JsonObject): RequestArgs | null {
  const read = typeof given === 'string' ? readLiteral(given) : null;
  if (read?.isCut) setOwn(beside, 'view_args', given as string);
  const value = read ? read.value : given;
  if (!isObject(value)) {
    if (typeof value === 'string' && value !== '') setOwn(beside, 'view_args', value);
    return null;
  }
  const args: RequestArgs = {};
  for (const [name, each] of Object.entries(value))
    setOwn<RequestArgs[string]>(args, name, typeof each === 'string' ? each : JSON.stringify(each));
  return args;
}

function variablesOf(given: unknown, beside: JsonObject): JsonObject {
  const read = typeof given === 'string' && given !== '' ? readLiteral(given) : null;
  if (read?.isCut) setOwn(beside, 'track_var', given as string);
  const value = read ? read.value : given;
  if (isObject(value)) return toJson(value) as JsonObject;
  if (value !== null && value !== undefined && value !== '')
    setOwn(beside, 'track_var', toJson(value));
  return {};
}

function withBeside(vars: JsonObject, beside: JsonObject): JsonObject | null {
  if (Object.keys(beside).length === 0) return Object.keys(vars).length === 0 ? null : vars;
  if (Object.hasOwn(vars, 'imported')) setOwn(beside, 'imported', vars['imported']!);
  return { ...vars, imported: beside };
}

/** A value, whether the storage kept it as it is, as JSON, or as Python writes it. */
function decoded(value: unknown): unknown {
  if (typeof value !== 'string') return value ?? null;
  const read = readLiteral(value);
  return read === null || read.isCut ? value : read.value;
}

function statusOf(value: unknown): number {
  const status = Number(textOf(value) ?? NaN);
  if (Number.isInteger(status)) return status;
  throw new UnreadableError('it has no status');
}

function numberOf(value: unknown): number {
  const number = Number(textOf(value) ?? 0);
  return Number.isFinite(number) ? number : 0;
}

/** Null for none and for an empty text, by which Redis' hashes mean none. */
function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value === '' ? null : value;
  if (value === null || value === undefined) return null;
  if (typeof value === 'object') return JSON.stringify(value);
  const plain = value as number | boolean;
  return String(plain);
}

function toJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value) ?? 'null') as JsonValue;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
  );
}
