import type { CalledRoute, RouteCaller, RouteReview } from '../../reading/routes/route-review.js';
import type { UsageRoute } from '../../reading/routes/usage-route.js';
import type { Visibility } from './visibility.js';

type HiddenOfRoutes = 'controller' | 'handler' | 'errors' | 'consumers' | 'deprecated';
type Shown<Route, Hidden extends keyof Route> = Omit<Route, Hidden> & Partial<Pick<Route, Hidden>>;

/** A route, without what is hidden of it. */
export type ShownRoute = Shown<UsageRoute, HiddenOfRoutes>;
/** A caller, without what is hidden of it. */
export type ShownCaller = Shown<RouteCaller, 'consumer' | 'client' | 'version'>;
/** A route and its callers, without what is hidden. */
export type ShownCalledRoute = ShownRoute & { readonly callers: readonly ShownCaller[] | null };

/** A review, without what is hidden. Null: the whole list is. */
export interface ShownReview extends Omit<
  RouteReview,
  'neverCalled' | 'goneQuiet' | 'uncounted' | 'deprecated' | 'pastSunset'
> {
  readonly neverCalled: readonly ShownRoute[];
  readonly goneQuiet: readonly ShownRoute[];
  readonly uncounted: readonly ShownRoute[];
  readonly deprecated: readonly ShownCalledRoute[] | null;
  readonly pastSunset: readonly ShownCalledRoute[] | null;
}

/** The fields, dimensions and metrics that hide what a review calls otherwise. */
const HIDDEN_WITH: Readonly<Record<string, string>> = {
  controller: 'blueprint',
  handler: 'handler',
  errors: 'status',
  consumers: 'consumer',
  consumer: 'consumer',
  client: 'client',
  version: 'client',
  deprecated: 'deprecated',
};

/** What tells routes apart, so that their counts tell it. */
const TOLD_BY_COUNTS = ['route', 'apiVersion', 'service'];

/** Whether a review cannot be shown at all. */
export function hidesReview(visible: Visibility): boolean {
  return TOLD_BY_COUNTS.some((name) => visible.hides(name));
}

/** Whether a column or a property of a review is hidden. */
export function hidesOfReview(visible: Visibility, name: string): boolean {
  const hidden = HIDDEN_WITH[name];
  return hidden !== undefined && visible.hides(hidden);
}

/**
 * A review without what is hidden. Callers who differ only in what is hidden are one, so that their
 * number does not tell it.
 */
export function shownReview(review: RouteReview, visible: Visibility): ShownReview {
  const without = <T extends object>(given: T): T =>
    Object.fromEntries(
      Object.entries(given).filter(([name]) => !hidesOfReview(visible, name)),
    ) as T;
  const shown = new Map(
    review.deprecated.map((route): [CalledRoute, ShownCalledRoute] => {
      const callers = route.callers && merged(route.callers.map(without));
      return [route, { ...without(route), callers }];
    }),
  );
  // A route that stands in both lists is the same one.
  const called = (routes: readonly CalledRoute[]) =>
    visible.hides('deprecated') ? null : routes.map((route) => shown.get(route)!);
  const { neverCalled, goneQuiet, uncounted, deprecated, pastSunset } = review;
  return {
    ...review,
    neverCalled: neverCalled.map(without),
    goneQuiet: goneQuiet.map(without),
    uncounted: uncounted.map(without),
    deprecated: called(deprecated),
    pastSunset: called(pastSunset),
  };
}

function merged(callers: readonly ShownCaller[]): ShownCaller[] {
  const found = new Map<string, ShownCaller>();
  for (const caller of callers) {
    const { consumer, client, version, hits, lastSeen } = caller;
    const key = JSON.stringify([consumer, client, version]);
    const known = found.get(key);
    if (!known) found.set(key, caller);
    else
      found.set(key, {
        ...known,
        hits: known.hits + hits,
        lastSeen: (known.lastSeen ?? 0) > (lastSeen ?? 0) ? known.lastSeen : lastSeen,
      });
  }
  return [...found.values()].sort((one, other) => other.hits - one.hits);
}
