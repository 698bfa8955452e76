import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import { routesAlike } from './route-counts.js';
import type { RoutesQuery, UsageRoute } from './usage-route.js';
import type { AskReport, ListedRoute } from './usage-routes.js';

const HOUR_MS = 3_600_000;

/** The routes that nobody has called since an instant, and those of which that cannot be told. */
export interface UnusedRoutes {
  readonly unused: readonly UsageRoute[];
  /** Nobody is known to have called them, and not all calls since then are known. */
  readonly uncounted: readonly UsageRoute[];
}

/**
 * Finds the routes that nobody has called since an instant, from when on they were there to be
 * called. Where records are pruned and no sum tells a route, its calls are not known.
 *
 * @param query Of the requests that count, without a range.
 * @param isShared Whether several services share the storage.
 */
export async function findUnused(
  ask: AskReport,
  query: RoutesQuery,
  listed: readonly ListedRoute[],
  since: Date,
  isShared: boolean,
): Promise<UnusedRoutes> {
  const quiet = listed.filter(({ route }) => isUncalled(route, since));
  const [unused, uncounted]: [UsageRoute[], UsageRoute[]] = [[], []];
  for (const service of new Set(quiet.map(({ route }) => route.service))) {
    const own = listed.filter(({ route }) => route.service === service);
    const alike = routesAlike(own.map(({ noted }) => noted));
    const where = isShared ? { ...query.where, service } : query.where;
    const known = new Map<boolean, Promise<boolean>>();
    for (const { route, noted } of quiet) {
      if (route.service !== service) continue;
      const isAlike = alike.has(noted);
      const answer =
        known.get(isAlike) ?? isCounted(ask, { ...query, ...(where && { where }) }, since, isAlike);
      known.set(isAlike, answer);
      ((await answer) ? unused : uncounted).push(route);
    }
  }
  return { unused, uncounted };
}

/** Whether no call since an instant is known of a route that was there to be called. */
function isUncalled({ tracked, gone, observedSince, lastSeen }: UsageRoute, since: Date): boolean {
  if (!tracked || gone !== null || observedSince === null || observedSince > since) return false;
  return lastSeen === null || lastSeen < since;
}

/** Whether all calls since an instant are known, by route or by handler. */
async function isCounted(
  ask: AskReport,
  query: RoutesQuery,
  since: Date,
  isAlike: boolean,
): Promise<boolean> {
  // The sums of the hour in which it lies tell of its rest.
  const startDate = new Date(since.getTime() - HOUR_MS);
  const dimensions = ['route', ...(isAlike ? ['apiVersion', 'blueprint', 'handler'] : [])];
  try {
    const asked = { ...query, startDate, dimensions, metrics: ['hits'] as const, limit: 1 };
    return (await ask(asked)).range.startDate <= since;
  } catch (error) {
    if (error instanceof UsageQueryError && error.field === 'startDate') return false;
    throw error;
  }
}
