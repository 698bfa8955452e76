import { parseUsageFilter } from '../../storages/base/parse-usage-query.js';
import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import type { ReportQuery, UsageReport } from '../../storages/contract/usage-report.js';
import type { NoteKind } from '../../storages/contract/usage-notes.js';
import type { UsageWhere } from '../../storages/contract/usage-where.js';
import { reportingProcesses } from './process-note.js';
import { RouteCounts, type CountedRoute } from './route-counts.js';
import { readServiceRoutes, type ReadNotes } from '../../storages/base/routes/decide-deprecated.js';
import {
  textOfServiceRoutes,
  type NotedRoute,
  type ServiceRoutes,
} from '../../storages/base/routes/route-note.js';
import type { RoutesQuery, UsageRoute } from './usage-route.js';

/** What answers reports about a storage. */
export type AskReport = (query: ReportQuery) => Promise<UsageReport>;

/** Fields of `where` that would hide a part of a route's requests from its own count. */
const OF_ROUTES = [
  ...['route', 'method', 'path', 'url', 'blueprint', 'handler', 'apiVersion', 'deprecated'],
];

/** @throws {UsageQueryError} if a field is unknown or invalid, or `where` selects by route. */
export function parseRoutesQuery(query: RoutesQuery): void {
  parseUsageFilter(query);
  checkRoutesWhere(query.where);
}

/** @throws {UsageQueryError} if conditions select by route. */
export function checkRoutesWhere(where: UsageWhere | undefined): void {
  for (const field of OF_ROUTES) {
    const given = (where as Record<string, unknown> | undefined)?.[field];
    if (given !== undefined)
      throw new UsageQueryError(
        `where.${field}`,
        given,
        'no condition on routes: filter the list that routes() returns',
      );
  }
}

/** The notes of a storage that keeps none: the routes of this process. */
export function ownNotes(own: ServiceRoutes | null, kind: NoteKind): ReadonlyMap<string, string> {
  return new Map(own && kind === 'routes' ? [['own', textOfServiceRoutes(own)]] : []);
}

/** Lists the routes that are noted in a storage, and counts their requests there. */
export async function usageRoutes(
  readNotes: ReadNotes,
  ask: AskReport,
  query: RoutesQuery,
): Promise<UsageRoute[]> {
  return (await listRoutes(readNotes, ask, query)).listed.map(({ route }) => route);
}

/** A route as it is shown, and what is noted of it. */
export interface ListedRoute {
  readonly route: UsageRoute;
  readonly noted: NotedRoute;
}

/** Listed routes, and whether several services share the storage. */
export interface RouteList {
  readonly listed: readonly ListedRoute[];
  readonly isShared: boolean;
}

/**
 * Lists the routes as `usageRoutes` does.
 *
 * @param withConsumers Whether their consumers are counted, too: it takes longer than all else.
 */
export async function listRoutes(
  readNotes: ReadNotes,
  ask: AskReport,
  query: RoutesQuery,
  withConsumers = true,
): Promise<RouteList> {
  const known = await readServiceRoutes(readNotes);
  const processes = reportingProcesses(await readNotes('process'), Date.now());
  const served = new Set([...processes.values()].map(({ list }) => list));
  const chosen = known.filter(({ service }) => isAsked(query.where, service));
  const listed: ListedRoute[] = [];
  for (const { service, routes } of chosen.sort(byService)) {
    const own = ofService(query, service, known.length > 1);
    const counts = await new RouteCounts(ask, own, withConsumers).of(routes);
    for (const noted of routes)
      listed.push({ noted, route: shown(service, noted, counts.get(noted)!, served) });
  }
  return { listed, isShared: known.length > 1 };
}

/**
 * A list that was made without consumers, with those of some routes.
 *
 * @returns All routes, in the same places.
 */
export async function withConsumers(
  ask: AskReport,
  query: RoutesQuery,
  { listed, isShared }: RouteList,
  isWanted: (route: ListedRoute) => boolean,
): Promise<readonly ListedRoute[]> {
  // Nobody has called the others.
  const wanted = listed.filter((each) => each.route.hits > 0 && isWanted(each));
  const found = new Map<ListedRoute, ListedRoute>();
  for (const service of new Set(wanted.map(({ route }) => route.service))) {
    const notedOf = (routes: readonly ListedRoute[]) =>
      routes.flatMap(({ route, noted }) => (route.service === service ? [noted] : []));
    const counts = await new RouteCounts(ask, ofService(query, service, isShared), true).of(
      notedOf(wanted),
      notedOf(listed),
    );
    for (const each of wanted) {
      const consumers = counts.get(each.noted)?.consumers;
      if (consumers !== undefined)
        found.set(each, { ...each, route: { ...each.route, consumers } });
    }
  }
  return listed.map((each) => found.get(each) ?? each);
}

/** Sums are by route alone. Without another service, they count this one's requests. */
function ofService(query: RoutesQuery, service: string | null, isShared: boolean): RoutesQuery {
  return { ...query, where: isShared ? { ...query.where, service } : (query.where ?? {}) };
}

/** Whether a query that may name services asks for one. */
function isAsked(where: UsageWhere | undefined, service: string | null): boolean {
  const asked: unknown = where?.service;
  if (asked === undefined) return true;
  if (Array.isArray(asked)) return asked.includes(service);
  if (typeof asked !== 'object' || asked === null) return asked === service;
  const {
    not,
    in: among,
    notIn,
  } = asked as {
    not?: string | null;
    in?: readonly (string | null)[];
    notIn?: readonly (string | null)[];
  };
  return (
    (not === undefined || not !== service) &&
    (among === undefined || among.includes(service)) &&
    (notIn === undefined || !notIn.includes(service))
  );
}

function byService(a: ServiceRoutes, b: ServiceRoutes): number {
  const [one, other] = [a.service ?? '', b.service ?? ''];
  return one < other ? -1 : one > other ? 1 : 0;
}

function shown(
  service: string | null,
  route: NotedRoute,
  counts: CountedRoute,
  served: ReadonlySet<string | null>,
): UsageRoute {
  const { method, path, apiVersion, host, controller, handler, tracked, deprecated } = route;
  const isServed = route.missingSince === null || route.lists.some((list) => served.has(list));
  return {
    service,
    method,
    path,
    apiVersion,
    host,
    controller,
    handler,
    tracked,
    deprecated: deprecated && {
      since: dateOf(deprecated.since),
      sunset: dateOf(deprecated.sunset),
      link: deprecated.link,
    },
    ...counts,
    observedSince: dateOf(route.observedSince),
    gone: isServed ? null : dateOf(route.missingSince),
  };
}

function dateOf(instant: number | null): Date | null {
  return instant === null ? null : new Date(instant);
}
