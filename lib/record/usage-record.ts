import type { IpInfo } from './ip-info.js';
import type { JsonObject } from './json.js';
import type { RequestArgs } from './request-args.js';
import type { UserAgentInfo } from './user-agent-info.js';

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
