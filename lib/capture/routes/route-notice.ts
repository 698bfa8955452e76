import { findDeprecation } from '../../decorators/index.js';
import type { RouteDeprecation } from '../../record/route-deprecation.js';

// The metadata key of `@ApiOperation()` of @nestjs/swagger.
const API_OPERATION = 'swagger/apiOperation';

/** That a handler is deprecated, and what its responses say of it. */
export interface RouteNotice {
  readonly deprecation: RouteDeprecation;
  readonly sendsHeaders: boolean;
  /**
   * Since when the route is known as deprecated, in milliseconds since the epoch: since this process
   * began, until a storage has said since when it knows.
   */
  knownSince: number;
}

/** What the decorators say of a handler. Null: it is not deprecated. */
export function deprecationOf(
  controller: object,
  handler: object,
  deprecationHeaders: boolean,
): RouteNotice | null {
  const own = findDeprecation(controller, handler);
  const knownSince = Date.now();
  if (own) return { deprecation: own, sendsHeaders: true, knownSince };
  const operation = Reflect.getMetadata(API_OPERATION, handler) as
    { deprecated?: unknown } | undefined;
  if (operation?.deprecated !== true) return null;
  const deprecation = { since: null, sunset: null, link: null };
  return { deprecation, sendsHeaders: deprecationHeaders, knownSince };
}
