import type { IpInfo } from './ip-info.js';
import type { JsonObject } from './json.js';
import type { RequestArgs } from './request-args.js';
import type { UserAgentInfo } from './user-agent-info.js';

/**
 * How a request ended. `aborted`: the response did not finish, because the client left or the
 * stream broke.
 *
 * @publicApi
 */
export type UsageOutcome = 'completed' | 'aborted';

/**
 * One tracked request. Every storage returns it deeply equal to what was captured.
 *
 * @publicApi
 */
export interface UsageRecord {
  /** UUIDv7, made at capture. The key that makes storing a record twice harmless. */
  readonly id: string;
  /** When the request arrived, to the millisecond. */
  readonly date: Date;
  /** Full URL as requested, at most 2,048 characters. */
  readonly url: string;
  /** Path without the query, at most 2,048 characters. */
  readonly path: string;
  /** `GET`, `POST`, … */
  readonly method: string;
  /** `HTTP/1.1`, `HTTP/2.0`, … */
  readonly protocol: string;
  /**
   * The pattern as declared, with global prefix and URI version, the same on every adapter:
   * `/api/v1/cats/:id`. Null if nothing matched.
   */
  readonly route: string | null;
  /** Name of the controller, or the one given to `@TrackUsage({ blueprint })`. */
  readonly blueprint: string | null;
  /** Name of the controller's method. */
  readonly handler: string | null;
  /** Route parameters; `{}` where the route has none, null if nothing matched. */
  readonly viewArgs: RequestArgs | null;
  /** Query parameters, flat: `b[c]` is a name like any other. */
  readonly urlArgs: RequestArgs;
  /** The status that was sent; 499 if the client left before there was one. */
  readonly status: number;
  readonly outcome: UsageOutcome;
  /** Seconds from arrival to the last byte handed over, to the microsecond. */
  readonly speed: number;
  /** Bytes of payload as sent: after compression, without chunk framing; 0 for HEAD, 204, 304. */
  readonly contentLength: number;
  /** The client's address as the framework sees it, its `trust proxy` setting honoured. */
  readonly remoteAddr: string | null;
  /** The `X-Forwarded-For` header as sent. */
  readonly xForwardedFor: string | null;
  /** The `Referer` header as sent. */
  readonly referrer: string | null;
  /** Whether an `Authorization` header came. Its value is never kept. */
  readonly authorization: boolean;
  /** `options.username(request)`, else what `request.user` is called, else the Basic user. */
  readonly username: string | null;
  /** Shared by the records of one client, and frozen. */
  readonly userAgent: UserAgentInfo;
  /** Geography of the client's address; null where it is unknown or not asked for. */
  readonly ipInfo: IpInfo | null;
  /** Null unless the `cookie` or `visitors` option is on. */
  readonly visitorId: string | null;
  /** `options.serverName`, else the host's name. */
  readonly serverName: string;
  /** What handlers added through `@TrackVar()`, as JSON values. */
  readonly trackVar: JsonObject | null;
  /**
   * How many requests this record stands for: 1, or more where `sampleRate` is below 1. Whole; only
   * records of version 0.1 may have fractions.
   */
  readonly weight: number;
  /** Who called, in the application's own terms, at most 128 characters; never a secret. */
  readonly consumer: string | null;
  /** A plan, a tenant or a team of consumers. */
  readonly consumerGroup: string | null;
  /** Name of the application, where several share one database. */
  readonly service: string | null;
  /** Version of the application. */
  readonly release: string | null;
  /** The version of the API that answered, as declared: `1`. Null where there is none. */
  readonly apiVersion: string | null;
  /** Of a distributed trace: 32 hexadecimal digits. */
  readonly traceId: string | null;
}
