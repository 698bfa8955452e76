import type { QueryLimits, TimeRange } from '../../storages/contract/usage-query.js';
import type { ReportRange } from '../../storages/contract/usage-report.js';
import type { UsageWhere } from '../../storages/contract/usage-where.js';
import type { UsageRoute } from './usage-route.js';

/**
 * Selects what `usage.reviewRoutes()` looks at.
 *
 * @publicApi
 */
export interface RouteReviewQuery extends TimeRange, QueryLimits {
  /**
   * How long nobody has called a route that is unused: `90d`, `12w`.
   * @default '90d'
   */
  unusedFor?: string;
  /**
   * The span whose callers are named, until now. Or give `startDate` and `endDate`.
   * @default '30d'
   */
  last?: string;
  /**
   * Which requests count. A `service` also chooses the routes.
   * @default all
   */
  where?: UsageWhere;
}

/**
 * Who calls a route, and with what.
 *
 * @publicApi
 */
export interface RouteCaller {
  /** `record.consumer`; null if nobody is named. */
  readonly consumer: string | null;
  /** `MyShop`; null if the client does not name itself. */
  readonly client: string | null;
  /** `4.12.0`; null without one. */
  readonly version: string | null;
  /** Its requests in the span. */
  readonly hits: number;
  /** The last of these calls. */
  readonly lastSeen: Date | null;
}

/**
 * A route and who calls it. The route's own counts are of all that is stored.
 *
 * @publicApi
 */
export interface CalledRoute extends UsageRoute {
  /**
   * Those of the span, with the most calls first; empty if nobody called. Null: somebody did, and the
   * records are gone. Where only some are gone, those who are left.
   */
  readonly callers: readonly RouteCaller[] | null;
}

/**
 * How much a version of the API is called.
 *
 * @publicApi
 */
export interface VersionShare {
  /** The application that declares the routes. */
  readonly service: string | null;
  /** Null: the routes without a version. */
  readonly apiVersion: string | null;
  /** Routes that are declared. */
  readonly routes: number;
  /** Requests that this version answered. */
  readonly hits: number;
  /** Of all calls of the service, from 0 to 1; null if there are none. */
  readonly share: number | null;
  /** The last call in the span. */
  readonly lastSeen: Date | null;
}

/**
 * What can be deleted, and who stands in the way. Routes that are gone, or not tracked, are not in
 * it.
 *
 * @publicApi
 */
export interface RouteReview {
  /** What is unused has not been called since. */
  readonly unusedSince: Date;
  /** How many routes are declared and tracked. */
  readonly routes: number;
  /** Since when the first of them is; null if there is none. */
  readonly watchedSince: Date | null;
  /** Declared and tracked since before `unusedSince`, and no call is known. */
  readonly neverCalled: readonly UsageRoute[];
  /** Called before `unusedSince`, and not since: those whose last call is longest ago first. */
  readonly goneQuiet: readonly UsageRoute[];
  /**
   * Those of which nobody can tell: no call since `unusedSince` is known, and records of that time are
   * gone, and no sum tells the route's calls.
   */
  readonly uncounted: readonly UsageRoute[];
  /** All that are deprecated, with their callers: those with the most calls first. */
  readonly deprecated: readonly CalledRoute[];
  /** Those of them whose sunset is over and that are still called. */
  readonly pastSunset: readonly CalledRoute[];
  /**
   * The versions of each service that has versions, the most called first. Where records of the span
   * are gone and no sum tells, they are counted by what is left; null: nothing is.
   */
  readonly versions: readonly VersionShare[] | null;
  /** The span of the callers and the versions. */
  readonly range: ReportRange;
}
