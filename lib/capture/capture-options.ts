import type { Type } from '@nestjs/common';

/**
 * Which routes are tracked when nothing on them says so.
 *
 * @publicApi
 */
export type TrackUsageMode = 'exclude' | 'include';

/**
 * Which requests are tracked, and what is asked of the application about them.
 *
 * @publicApi
 */
export interface CaptureOptions {
  /**
   * `'exclude'`: a route is tracked only if it or its controller says `@TrackUsage()`.
   * `'include'`: every route is tracked but those that say `@SkipTracking()`.
   * @default 'exclude'
   */
  mode?: TrackUsageMode;
  /**
   * Controllers that cannot be decorated, treated as if they bore `@TrackUsage()`.
   * @default []
   */
  include?: readonly Type[];
  /**
   * Controllers that cannot be decorated, treated as if they bore `@SkipTracking()`.
   * @default []
   */
  exclude?: readonly Type[];
  /**
   * Names the user of a request. Called when the response has ended, with the framework's
   * request. Null or undefined: the defaults of `record.username` apply.
   * @default none
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's or Fastify's, as it comes
  username?: (request: any) => string | number | bigint | null | undefined;
  /**
   * True: this request is not tracked. Called when the response has ended, with the framework's
   * request.
   * @default none
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- Express's or Fastify's, as it comes
  skip?: (request: any) => boolean;
  /**
   * Share of the tracked requests that is recorded, above 0 and at most 1. Each record's `weight`
   * is its inverse, so that weighted totals estimate the truth. Weights are whole numbers: 2, 3, 2,
   * 3, … at 0.4, whose total stays within one of the records' number divided by the rate.
   * @default 1
   */
  sampleRate?: number;
  /**
   * Whether requests with `DNT: 1` or `Sec-GPC: 1` get no cookie and no visitor.
   * @default true
   */
  respectDoNotTrack?: boolean;
}
