import type { RouteDeprecation } from '../../record/route-deprecation.js';
import type { TimeRange, QueryLimits } from '../../storages/contract/usage-query.js';
import type { UsageWhere } from '../../storages/contract/usage-where.js';

/**
 * Selects the requests that `usage.routes()` counts.
 *
 * @publicApi
 */
export interface RoutesQuery extends TimeRange, QueryLimits {
  /**
   * Which requests count. A `service` also chooses the routes.
   * @default all
   */
  where?: UsageWhere;
}

/**
 * A route that a service declares or has declared, and its requests.
 *
 * @publicApi
 */
export interface UsageRoute {
  /** The option `service` of the application that declares it. */
  readonly service: string | null;
  /** `GET`; `ALL` for `@All()`. */
  readonly method: string;
  /** The pattern with the global prefix and the version in a URI: `/api/v1/cats/:id`. */
  readonly path: string;
  /** The version of NestJS's versioning, as declared; null without one. */
  readonly apiVersion: string | null;
  /** The controller's host; null without one. */
  readonly host: string | null;
  /** The controller's class. */
  readonly controller: string;
  /** The method of the controller. */
  readonly handler: string;
  /** Whether its requests are recorded. A route that is not tracked is never unused. */
  readonly tracked: boolean;
  /** Null if it is not deprecated. */
  readonly deprecated: RouteDeprecation | null;
  /** Requests; those with HEAD and OPTIONS count for routes of these methods alone. */
  readonly hits: number;
  /** Requests with a status of 500 and up. */
  readonly errors: number;
  /** Distinct consumers. Null: neither records nor sums can tell any more. */
  readonly consumers: number | null;
  /** The first of the requests. */
  readonly firstSeen: Date | null;
  /** The last of the requests. */
  readonly lastSeen: Date | null;
  /** Since when it has been declared and tracked without a gap; null while it is not. */
  readonly observedSince: Date | null;
  /**
   * Since when the list that its service stored last lacks it, if no process that still reports
   * declares it; else null.
   */
  readonly gone: Date | null;
}
