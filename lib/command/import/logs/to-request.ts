import { isIP } from 'node:net';
import { plainAddress } from '../../../capture/http/request-url.js';
import { traceIdOf } from '../../../capture/trace-ids.js';
import type { CapturedClient, CapturedRequest } from '../../../record/captured-request.js';
import type { RequestArgs } from '../../../record/index.js';
import { TimeReader } from '../read-time.js';
import { UnreadableError } from '../unreadable.error.js';
import { requestLine, type RequestLine } from './request-line.js';
import type { LogFields } from './log-fields.js';
import { TextPool } from './text-pool.js';

/** A route of the application, as a request found it. */
export interface FoundRoute {
  readonly route: string;
  readonly handler: string | null;
  readonly blueprint: string | null;
  readonly apiVersion: string | null;
  readonly viewArgs: RequestArgs;
}

/** What a log does not say itself. */
export interface LogSettings {
  /** Scheme and host of URLs where the log has no host: `https://shop.example`. */
  readonly origin?: string | undefined;
  /** IANA name of the zone of times that name none. Default: UTC. */
  readonly timeZone?: string | undefined;
  /** The route of a request. */
  readonly findRoute?: ((method: string, path: string) => FoundRoute | null) | undefined;
  /** The option `client`, with a request that has `method`, `url` and `headers`. */
  readonly clientOf?: ((request: LoggedRequest) => CapturedClient | null) | undefined;
}

/** A request as a log describes it, for functions that take the framework's. */
export interface LoggedRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The status of a request whose client went away before there was one. */
const CLIENT_CLOSED = 499;
/** What load balancers write for it: nginx and Traefik, AWS. */
const CLOSED_STATUSES = new Set([0, 460, 499]);

/** Turns the fields of log lines into requests. */
export class RequestMapper {
  private readonly times: TimeReader;
  private readonly texts = new TextPool();

  constructor(private readonly settings: LogSettings = {}) {
    this.times = new TimeReader(settings.timeZone);
  }

  /** @throws {UnreadableError} if the line lacks what a record cannot do without. */
  map(fields: LogFields): Omit<CapturedRequest, 'id'> {
    const line = requestLine(fields);
    const path = line.target.split('?', 1)[0]!;
    const url = urlOf(fields, line, this.settings.origin);
    const found = this.settings.findRoute?.(line.method, pathIn(path)) ?? null;
    const speed = microseconds(fields);
    const sent = statusOf(fields);
    const status = sent === 0 ? CLIENT_CLOSED : sent;
    const user = fields.remote_user;
    return {
      date: this.arrivalOf(fields, speed),
      url,
      method: line.method,
      protocol: line.protocol,
      route: found && found.route,
      blueprint: found && found.blueprint,
      handler: found && found.handler,
      viewArgs: found && found.viewArgs,
      status,
      outcome: CLOSED_STATUSES.has(sent) || isIncomplete(fields) ? 'aborted' : 'completed',
      speed,
      contentLength:
        line.method === 'HEAD' ? 0 : count(fields.body_bytes_sent ?? fields.bytes_sent),
      remoteAddr: addressOf(fields.remote_addr),
      xForwardedFor: fields.http_x_forwarded_for ?? null,
      referrer: fields.http_referer ?? null,
      authorization:
        user !== undefined ||
        fields.authorization === '1' ||
        fields.http_authorization !== undefined,
      // As in capture: nobody has verified the user of a request that was refused.
      username: user === undefined || status === 401 || status === 403 ? null : utf8(user),
      consumer: null,
      client: this.clientOf(fields, line, url),
      userAgent: this.own(fields.http_user_agent),
      acceptLanguage: this.own(fields.http_accept_language),
      visitorId: null,
      optedOut: false,
      trackVar: null,
      apiVersion: found && found.apiVersion,
      traceId: fields.trace_id ?? traceIdOf(fields.http_traceparent),
      weight: 1,
      storages: null,
    };
  }

  /**
   * When the request arrived, in milliseconds. Most servers log when it ended. Of a time in whole
   * seconds, whole seconds are taken off, so that a request does not leave its second for nothing.
   */
  private arrivalOf(fields: LogFields, speed: number): number {
    const arrival = fields.time_start;
    const text = arrival ?? fields.msec ?? fields.time_iso8601 ?? fields.time_local;
    if (text === undefined) throw new UnreadableError('it has no time');
    const time = this.times.parse(text);
    if (time === null) throw new UnreadableError(`its time cannot be read: ${text.slice(0, 60)}`);
    if (arrival !== undefined) return time.ms;
    return time.isWholeSecond
      ? time.ms - Math.floor(speed / 1e6) * 1000
      : Math.round(time.ms - speed / 1000);
  }

  private own(text: string | undefined): string | null {
    return text === undefined ? null : this.texts.own(text);
  }

  private clientOf(fields: LogFields, line: RequestLine, url: string): CapturedClient | null {
    const { clientOf } = this.settings;
    if (clientOf === undefined) return null;
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(fields))
      if (name.startsWith('http_'))
        headers[name.slice('http_'.length).replaceAll('_', '-')] = String(value);
    return clientOf({ method: line.method, url, headers });
  }
}

function urlOf(fields: LogFields, line: RequestLine, origin = ''): string {
  const { target } = line;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(target)) return target;
  const host = fields.host ?? fields.http_host ?? nameOf(fields);
  const path = target.startsWith('/') ? target : `/${target}`;
  if (host === undefined) return origin + path;
  const scheme = fields.scheme ?? (fields.https === 'on' ? 'https' : schemeOf(origin, fields));
  // nginx's $host has no port, and the URL as requested has it unless it is the scheme's.
  const port = fields.http_host === undefined ? fields.server_port : undefined;
  const isUsual = port === undefined || port === '80' || port === '443' || host.includes(':');
  const requested = fields.http_host ?? host;
  return `${scheme}://${isUsual ? requested : `${host}:${port}`}${path}`;
}

function nameOf({ server_name: name }: LogFields): string | undefined {
  return name === '_' ? undefined : name;
}

function schemeOf(origin: string, { server_port: port }: LogFields): string {
  const scheme = /^(https?):/.exec(origin)?.[1];
  return scheme ?? (port === '443' ? 'https' : 'http');
}

function pathIn(target: string): string {
  return target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '') || '/';
}

function statusOf({ status }: LogFields): number {
  const code = Number(status ?? NaN);
  if (Number.isInteger(code) && (code === 0 || (code >= 100 && code <= 999))) return code;
  throw new UnreadableError(
    status === undefined ? 'it has no status' : `its status is no number: ${status.slice(0, 20)}`,
  );
}

function isIncomplete(fields: LogFields): boolean {
  const { request_completion: completion, response_flags: flags } = fields;
  if (fields.aborted === '1' || flags?.split(',').includes('DC')) return true;
  return completion !== undefined && completion !== 'OK';
}

/** The duration; 0 if the log has none. */
function microseconds(fields: LogFields): number {
  const units: readonly (readonly [string | undefined, number])[] = [
    [fields.request_time, 1e6],
    [fields.duration_ms, 1e3],
    [fields.duration_us, 1],
    [fields.duration_ns, 1e-3],
  ];
  for (const [text, unit] of units) {
    const value = Number(text ?? NaN);
    if (Number.isFinite(value) && value >= 0) return Math.round(value * unit);
  }
  return 0;
}

function count(text: string | undefined): number {
  const value = Number(text ?? 0);
  return Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

/** Without a port, which some servers append. */
function addressOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (isIP(text) !== 0) return plainAddress(text);
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1];
  return bare !== undefined && isIP(bare) !== 0 ? plainAddress(bare) : text;
}

/** Logs are read byte by byte, as Node reads headers. */
function utf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
