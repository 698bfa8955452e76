import type { JsonObject, RequestArgs, UsageOutcome } from './index.js';

/** Who called, as capture read it. */
export interface CapturedConsumer {
  /** The id of a key is computed when it is read, off the request's path. */
  readonly id: string;
  readonly group: string | null;
  /** What named the consumer: the verified user, a key, or the application's own function. */
  readonly from: 'user' | 'key' | 'application';
}

/** The client, as the application named it. */
export interface CapturedClient {
  readonly name: string;
  readonly version: string | null;
}

/**
 * What capture reads from a request and its response: plain values, as received. Everything that
 * can be derived from them is derived later, off the request's path.
 */
export interface CapturedRequest {
  /** UUIDv7 of `date`. Ids of one process rise. */
  readonly id: string;
  /** When the request arrived, in milliseconds since the epoch. */
  readonly date: number;
  /** Scheme, host and the request target as sent. */
  readonly url: string;
  readonly method: string;
  readonly protocol: string;
  readonly route: string | null;
  readonly blueprint: string | null;
  readonly handler: string | null;
  readonly viewArgs: RequestArgs | null;
  readonly status: number;
  readonly outcome: UsageOutcome;
  /** Duration in whole microseconds. */
  readonly speed: number;
  readonly contentLength: number;
  readonly remoteAddr: string | null;
  readonly xForwardedFor: string | null;
  readonly referrer: string | null;
  readonly authorization: boolean;
  readonly username: string | null;
  readonly consumer: CapturedConsumer | null;
  /** The client, if the option `client` names it. */
  readonly client: CapturedClient | null;
  /** The `User-Agent` header as sent. */
  readonly userAgent: string | null;
  /** The `Accept-Language` header as sent. */
  readonly acceptLanguage: string | null;
  /** The visitor's id from the cookie; null without a cookie or if the client opted out. */
  readonly visitorId: string | null;
  /** Whether the request has `DNT: 1` or `Sec-GPC: 1` and the options respect it. */
  readonly optedOut: boolean;
  readonly trackVar: JsonObject | null;
  /** The version of Nest's versioning that answered, as declared. */
  readonly apiVersion: string | null;
  readonly traceId: string | null;
  /** How many requests the record counts as; may be fractional. */
  readonly weight: number;
  /** Names of the storages that receive the record; null: all storages. */
  readonly storages: readonly string[] | null;
}

/** Receives each captured request. Never throws and never waits. */
export type CaptureSink = (captured: CapturedRequest) => void;
