import type { Type } from '@nestjs/common';
import type { UsageClientReader } from './callers/usage-client.js';
import type { UsageConsumerReader } from './callers/usage-consumer.js';
import {
  isBoolean,
  isClassList,
  isFunction,
  isOneOf,
  isShare,
  type OptionTable,
} from '../support/option-checks.js';

/**
 * Which routes without a decorator are tracked.
 *
 * @publicApi
 */
export type TrackUsageMode = 'exclude' | 'include';

/**
 * Which requests are tracked, and functions of the application that capture calls for them.
 *
 * @publicApi
 */
export interface CaptureOptions {
  /**
   * `'exclude'`: a route is tracked only if it or its controller has `@TrackUsage()`.
   * `'include'`: every route is tracked unless it or its controller has `@SkipTracking()`.
   * @default 'exclude'
   */
  mode?: TrackUsageMode;
  /**
   * Controllers that cannot be decorated, treated as decorated with `@TrackUsage()`.
   * @default []
   */
  include?: readonly Type[];
  /**
   * Controllers that cannot be decorated, treated as decorated with `@SkipTracking()`.
   * @default []
   */
  exclude?: readonly Type[];
  /**
   * Returns the name of a request's user. Called with the framework's request when the response has
   * ended. If it returns null or undefined, the defaults of `record.username` apply.
   * @default none
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's or Fastify's, as it comes
  username?: (request: any) => string | number | bigint | null | undefined;
  /**
   * Names who calls, in the application's own terms, for `record.consumer`: a text, `{ id, group? }`
   * or null. Called with the framework's request when the response has ended, so that guards have
   * run. Name only who is verified. See `byUser()` and `byApiKey()`.
   * @default byUser()
   */
  consumer?: UsageConsumerReader;
  /**
   * Names the client's software as `{ name, version? }`; null leaves it to the user agent. Called
   * with the framework's request when the response has ended. See `byClientHeaders()`.
   * @default none
   */
  client?: UsageClientReader;
  /**
   * Returns an object that joins `record.trackVar`. Called with the framework's request when the
   * response has ended. What `@TrackVar()` and `trackVars()` set takes priority.
   * @default none
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's or Fastify's, as it comes
  trackVar?: (request: any) => object | null | undefined;
  /**
   * Returns true for a request that is not to be tracked. Called with the framework's request when
   * the response has ended.
   * @default none
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's or Fastify's, as it comes
  skip?: (request: any) => boolean;
  /**
   * Share of the tracked requests that is recorded, above 0 and at most 1. Each record's `weight`
   * is the inverse, so that weighted totals estimate all requests. Weights are whole numbers: 2, 3,
   * 2, 3, … at 0.4. Their total differs by less than one from the number of records divided by the
   * rate.
   * @default 1
   */
  sampleRate?: number;
  /**
   * Whether requests with `DNT: 1` or `Sec-GPC: 1` get no cookie and no `visitorId`.
   * @default true
   */
  respectDoNotTrack?: boolean;
  /**
   * Whether routes with `@ApiOperation({ deprecated: true })` of `@nestjs/swagger` send the header
   * `Deprecation` too. They count as deprecated in any case.
   * @default false
   */
  deprecationHeaders?: boolean;
}

/** The checks and defaults of the capture options. */
export const CAPTURE_OPTIONS = {
  mode: { check: isOneOf('exclude', 'include'), default: 'exclude' },
  include: { check: isClassList, default: [] },
  exclude: { check: isClassList, default: [] },
  username: { check: isFunction },
  consumer: { check: isFunction, defaultText: 'byUser()' },
  client: { check: isFunction },
  trackVar: { check: isFunction },
  skip: { check: isFunction },
  sampleRate: { check: isShare, default: 1 },
  respectDoNotTrack: { check: isBoolean, default: true },
  deprecationHeaders: { check: isBoolean, default: false },
} as const satisfies OptionTable<CaptureOptions>;
