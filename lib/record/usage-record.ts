import type { JsonObject, JsonValue } from './json.js';

/**
 * How a request ended. `aborted`: the response did not finish, because the client disconnected or
 * the stream broke.
 *
 * @publicApi
 */
export type UsageOutcome = 'completed' | 'aborted';

/**
 * One tracked request. Every storage returns a record that is deeply equal to the one it stored.
 *
 * @publicApi
 */
export interface UsageRecord {
  /** UUIDv7, created at capture. Storages use it to keep a record that is sent twice only once. */
  readonly id: string;
  /** When the request arrived, to the millisecond. */
  readonly date: Date;
  /** Full URL as requested, with secrets redacted; at most 2,048 characters. */
  readonly url: string;
  /** Path without the query, with secrets redacted; at most 2,048 characters. */
  readonly path: string;
  /** `GET`, `POST`, … */
  readonly method: string;
  /** `HTTP/1.1`, `HTTP/2.0`, … */
  readonly protocol: string;
  /**
   * The route's pattern as declared, with global prefix and URI version: `/api/v1/cats/:id`. The
   * same on Express and Fastify. Null if no route matched.
   */
  readonly route: string | null;
  /** The name given to `@TrackUsage({ blueprint })`, else the controller's name. */
  readonly blueprint: string | null;
  /** Name of the controller's method. */
  readonly handler: string | null;
  /** Route parameters; `{}` if the route has none, null if no route matched. */
  readonly viewArgs: RequestArgs | null;
  /** Query parameters, flat: `b[c]` is a name like any other. */
  readonly urlArgs: RequestArgs;
  /** The status that was sent; 499 if the client disconnected before a status was sent. */
  readonly status: number;
  /** Whether the whole answer was handed over. */
  readonly outcome: UsageOutcome;
  /** Seconds from arrival until the last byte was handed over, to the microsecond. */
  readonly speed: number;
  /** Bytes of payload as sent: after compression, without chunk framing; 0 for HEAD, 204, 304. */
  readonly contentLength: number;
  /**
   * The client's address as the framework reports it, according to its `trust proxy` setting.
   * Stored in full, masked or not at all, as the `ip` option says.
   */
  readonly remoteAddr: string | null;
  /** The `X-Forwarded-For` header. The `ip` option applies to each address in it. */
  readonly xForwardedFor: string | null;
  /** The `Referer` header, with secrets redacted. */
  readonly referrer: string | null;
  /** Whether the request has an `Authorization` header. Its value is never stored. */
  readonly authorization: boolean;
  /** `options.username(request)`, else the name in `request.user`, else the Basic user. */
  readonly username: string | null;
  /** The client's software. Records of one client may share one frozen object. */
  readonly userAgent: UserAgentInfo;
  /** Geography of the client's address; null if it is unknown or `geoIp` is off. */
  readonly ipInfo: IpInfo | null;
  /** Id of the visitor; null unless the `cookie` or `visitors` option is on. */
  readonly visitorId: string | null;
  /** `options.serverName`, else the host's name. */
  readonly serverName: string;
  /** JSON values that handlers added through `@TrackVar()`. */
  readonly trackVar: JsonObject | null;
  /**
   * How many requests the record counts as: 1, or more if `sampleRate` is below 1. A whole number;
   * only records of version 0.1 may have fractions.
   */
  readonly weight: number;
  /** Who called, in the application's own terms, at most 128 characters; never a secret. */
  readonly consumer: string | null;
  /** The consumer's group: a plan, a tenant or a team. */
  readonly consumerGroup: string | null;
  /** Name of the application, for applications that share one database. */
  readonly service: string | null;
  /** Version of the application. */
  readonly release: string | null;
  /** The API version that answered, as declared: `1`. Null if there is none. */
  readonly apiVersion: string | null;
  /** Id of the distributed trace: 32 hexadecimal digits. */
  readonly traceId: string | null;
}

/**
 * Parameters of a route or of a query, by name: a string, or an array if the name is repeated.
 *
 * @publicApi
 */
export type RequestArgs = Record<string, string | string[]>;

/**
 * The kind of client. `library`: an HTTP client such as curl or axios. `service`: a machine that
 * calls an API on purpose, such as a webhook, a scheduler or a queue. `bot`: a crawler, a monitor
 * or a probe.
 *
 * @publicApi
 */
export type UserAgentKind = 'browser' | 'library' | 'service' | 'bot' | 'unknown';

/**
 * The client as its `User-Agent` and `Accept-Language` headers describe it.
 *
 * @publicApi
 */
export interface UserAgentInfo {
  /** Name of the client: `Chrome`, `Firefox`, `curl`, `axios`, `Googlebot`, … */
  readonly browser: string | null;
  /** Version as sent: `126.0.6478.61`. */
  readonly version: string | null;
  /** Operating system: `Windows`, `macOS`, `Linux`, `Android`, `iOS`, … */
  readonly platform: string | null;
  /** First choice in `Accept-Language`, as sent: `de-CH`. */
  readonly language: string | null;
  /** The `User-Agent` header, at most 512 characters. */
  readonly string: string | null;
  /** What kind of program called. */
  readonly kind: UserAgentKind;
}

/**
 * Geography of a client's address, in one form for all services.
 *
 * @publicApi
 */
export interface IpInfo {
  /** ISO 3166-1 alpha-2 code: `CH`. */
  readonly country: string | null;
  /** As the source of geography names it, such as a canton or a state. */
  readonly region: string | null;
  /** As the source of geography names it. */
  readonly city: string | null;
  /** Degrees north. */
  readonly latitude: number | null;
  /** Degrees east. */
  readonly longitude: number | null;
  /** The answer from which these fields were read. */
  readonly raw: JsonValue;
}
