import { NO_CALLS } from '../../record/route-deprecation.js';
import { parseUsageFilter } from '../../storages/base/parse-usage-query.js';
import { parseRange } from '../../storages/base/query/parse-range.js';
import type { ReadNotes } from '../../storages/base/routes/decide-deprecated.js';
import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import { MAX_LIMIT } from '../../storages/contract/usage-query.js';
import { findUnused } from './unused-routes.js';
import { callersOf, isCalled } from './route-callers.js';
import type { RouteCaller, RouteReview, RouteReviewQuery, VersionShare } from './route-review.js';
import type { RoutesQuery, UsageRoute } from './usage-route.js';
import {
  checkRoutesWhere,
  withConsumers,
  listRoutes,
  type AskReport,
  type ListedRoute,
} from './usage-routes.js';

const UNUSED_FOR = '90d';
const LAST = '30d';

/** @throws {UsageQueryError} if a field is unknown or invalid, or `where` selects by route. */
export function parseReviewQuery({ unusedFor = UNUSED_FOR, ...query }: RouteReviewQuery): void {
  unusedSince(unusedFor);
  parseUsageFilter(query);
  checkRoutesWhere(query.where);
}

/** Since when a route is unused that nobody has called for a span. */
export function unusedSince(span: string): Date {
  try {
    return parseRange({ last: span }).start!;
  } catch {
    throw new UsageQueryError(
      'unusedFor',
      span,
      "a whole number of minutes, hours, days or weeks, such as '90d' or '12w'",
    );
  }
}

/** Finds the routes that can be deleted, and who still calls those that are deprecated. */
export async function reviewRoutes(
  readNotes: ReadNotes,
  ask: AskReport,
  { unusedFor = UNUSED_FOR, last, startDate, endDate, ...query }: RouteReviewQuery,
): Promise<RouteReview> {
  const since = unusedSince(unusedFor);
  const isGiven = startDate !== undefined || endDate !== undefined;
  const { start, end } = parseRange({
    ...(isGiven ? {} : { last: last ?? LAST }),
    ...(startDate && { startDate }),
    ...(endDate && { endDate }),
  });
  const { listed: lean, isShared } = await listRoutes(readNotes, ask, query, false);
  const spanned = { ...query, ...(start && { startDate: start }), endDate: end ?? new Date() };
  const { unused, uncounted } = await findUnused(
    ask,
    query,
    lean.filter(isServed),
    since,
    isShared,
  );
  // Of the many others, nobody is told who called them.
  const told = new Set([...unused, ...uncounted]);
  const listed = await withConsumers(
    ask,
    query,
    { listed: lean, isShared },
    (each) => told.has(each.route) || isDeprecated(each),
  );
  const places = new Map(lean.map(({ route }, at) => [route, at]));
  const shown = (route: UsageRoute) => listed[places.get(route)!]!.route;
  const served = listed.filter(isServed);
  const old = served.filter(isDeprecated);
  const deprecated = (await callersOf(ask, spanned, old, listed, isShared)).sort(
    (a, b) => callsOf(b.callers) - callsOf(a.callers) || b.hits - a.hits,
  );
  const first = earliest(served.map(({ route }) => route.firstSeen));
  return {
    unusedSince: since,
    routes: served.length,
    watchedSince: earliest(served.map(({ route }) => route.observedSince)),
    neverCalled: unused.filter(({ lastSeen }) => lastSeen === null),
    goneQuiet: unused
      .filter(({ lastSeen }) => lastSeen !== null)
      .map(shown)
      .sort((a, b) => a.lastSeen!.getTime() - b.lastSeen!.getTime()),
    uncounted: uncounted.map(shown),
    deprecated,
    pastSunset: deprecated.filter((route) => isPastSunset(route) && isCalled(route)),
    versions: await versionsOf(ask, spanned, served, isShared),
    range: { startDate: start ?? first ?? spanned.endDate, endDate: spanned.endDate },
  };
}

function isServed({ route }: ListedRoute): boolean {
  return route.gone === null && route.tracked;
}

function isDeprecated({ noted }: ListedRoute): boolean {
  return noted.deprecated !== null;
}

/** Whether a route's last request with it is over. */
export function isPastSunset({ deprecated }: UsageRoute, now = new Date()): boolean {
  return deprecated?.sunset != null && deprecated.sunset <= now;
}

/** The number of all calls. */
export function callsOf(callers: readonly Pick<RouteCaller, 'hits'>[] | null): number {
  return (callers ?? []).reduce((sum, { hits }) => sum + hits, 0);
}

function earliest(dates: readonly (Date | null)[]): Date | null {
  const known = dates.filter((date) => date !== null);
  return known.length === 0 ? null : new Date(Math.min(...known.map(Number)));
}

interface VersionRow {
  readonly service?: string | null;
  readonly apiVersion: string | null;
  readonly hits: number;
  readonly lastSeen: Date | null;
}

async function versionsOf(
  ask: AskReport,
  query: RoutesQuery,
  served: readonly ListedRoute[],
  isShared: boolean,
): Promise<VersionShare[] | null> {
  const versioned = new Set(
    served.flatMap(({ route, noted }) => (noted.apiVersion === null ? [] : [route.service])),
  );
  if (versioned.size === 0) return [];
  const where = { ...query.where, route: { not: null }, method: { notIn: [...NO_CALLS] } };
  const dimensions = [...(isShared ? ['service'] : []), 'apiVersion'];
  let rows: VersionRow[];
  try {
    const metrics = ['hits', 'lastSeen'] as const;
    const report = await ask({ ...query, where, dimensions, metrics, limit: MAX_LIMIT });
    rows = report.rows as unknown as VersionRow[];
  } catch (error) {
    if (error instanceof UsageQueryError && error.field === 'startDate') return null;
    throw error;
  }
  return [...versioned].flatMap((service) => {
    const own = rows.filter((row) => !isShared || row.service === service);
    const all = own.reduce((sum, { hits }) => sum + hits, 0);
    const declared = served.filter(({ route }) => route.service === service);
    const versions = new Set([
      ...declared.map(({ noted }) => noted.apiVersion),
      ...own.map(({ apiVersion }) => apiVersion),
    ]);
    return [...versions]
      .map((apiVersion): VersionShare => {
        const row = own.find((each) => each.apiVersion === apiVersion);
        const hits = row?.hits ?? 0;
        return {
          service,
          apiVersion,
          routes: declared.filter(({ noted }) => noted.apiVersion === apiVersion).length,
          hits,
          share: all === 0 ? null : hits / all,
          lastSeen: row?.lastSeen ?? null,
        };
      })
      .sort((a, b) => b.hits - a.hits);
  });
}
