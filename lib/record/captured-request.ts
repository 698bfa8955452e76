import type { JsonObject, RequestArgs, UsageOutcome } from './index.js';

/**
 * What capture takes from a request and its response: plain values, as they came. Whatever can be
 * derived from them is derived later, off the request's path.
 */
export interface CapturedRequest {
  /** UUIDv7 of `date`, rising within a process. */
  readonly id: string;
  /** Milliseconds since the epoch at arrival. */
  readonly date: number;
  /** Scheme, host and the request's target as sent. */
  readonly url: string;
  readonly method: string;
  readonly protocol: string;
  readonly route: string | null;
  readonly blueprint: string | null;
  readonly handler: string | null;
  readonly viewArgs: RequestArgs | null;
  readonly status: number;
  readonly outcome: UsageOutcome;
  /** Whole microseconds. */
  readonly speed: number;
  readonly contentLength: number;
  readonly remoteAddr: string | null;
  readonly xForwardedFor: string | null;
  readonly referrer: string | null;
  readonly authorization: boolean;
  readonly username: string | null;
  /** The `User-Agent` header as sent. */
  readonly userAgent: string | null;
  /** The `Accept-Language` header as sent. */
  readonly acceptLanguage: string | null;
  /** By the cookie; null where there is none, or the client asks not to be tracked. */
  readonly visitorId: string | null;
  /** Whether `DNT: 1` or `Sec-GPC: 1` came, and is respected. */
  readonly optedOut: boolean;
  readonly trackVar: JsonObject | null;
  /** How many requests it stands for, to the fraction. */
  readonly weight: number;
  /** Names of the only storages to get it; null for all. */
  readonly storages: readonly string[] | null;
}

/** Takes what was captured. Never throws, never waits. */
export type CaptureSink = (captured: CapturedRequest) => void;
