import { parseUsageFilter } from '../../storages/base/parse-usage-query.js';
import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import type { ReportQuery, UsageReport } from '../../storages/contract/usage-report.js';
import type { UsageStorage } from '../../storages/contract/usage-storage.js';
import type { UsageWhere } from '../../storages/contract/usage-where.js';
import { reportingProcesses } from './process-note.js';
import { RouteCounts, type CountedRoute } from './route-counts.js';
import {
  serviceRoutesOf,
  textOfServiceRoutes,
  type NotedRoute,
  type ServiceRoutes,
} from './route-note.js';
import type { RoutesQuery, UsageRoute } from './usage-route.js';

/** What answers reports about a storage. */
export type AskReport = (query: ReportQuery) => Promise<UsageReport>;

/** Fields of `where` that would hide a part of a route's requests from its own count. */
const OF_ROUTES = ['route', 'method', 'path', 'url', 'blueprint', 'handler', 'apiVersion'];

/** @throws {UsageQueryError} if a field is unknown or invalid, or `where` selects by route. */
export function parseRoutesQuery(query: RoutesQuery): void {
  parseUsageFilter(query);
  for (const field of OF_ROUTES) {
    const given = (query.where as Record<string, unknown> | undefined)?.[field];
    if (given !== undefined)
      throw new UsageQueryError(
        `where.${field}`,
        given,
        'no condition on routes: filter the list that routes() returns',
      );
  }
}

/** The notes of a storage that keeps none: the routes of this process. */
export function ownNotes(own: ServiceRoutes | null): Pick<Required<UsageStorage>, 'readNotes'> {
  return {
    readNotes: async (kind) =>
      new Map(own && kind === 'routes' ? [['own', textOfServiceRoutes(own)]] : []),
  };
}

/** Lists the routes that are noted in a storage, and counts their requests there. */
export async function usageRoutes(
  storage: Required<Pick<UsageStorage, 'readNotes'>>,
  ask: AskReport,
  query: RoutesQuery,
): Promise<UsageRoute[]> {
  const notes = await storage.readNotes('routes');
  const known = [...notes.values()]
    .map((text) => serviceRoutesOf(text))
    .filter((routes): routes is ServiceRoutes => routes !== null);
  const processes = reportingProcesses(await storage.readNotes('process'), Date.now());
  const served = new Set([...processes.values()].map(({ list }) => list));
  const chosen = known.filter(({ service }) => isAsked(query.where, service));
  const found: UsageRoute[] = [];
  for (const { service, routes } of chosen.sort(byService)) {
    // Sums are by route alone. Without another service, they count this one's requests.
    const where = known.length > 1 ? { ...query.where, service } : (query.where ?? {});
    const counts = await new RouteCounts(ask, { ...query, where }).of(routes);
    for (const route of routes) found.push(shown(service, route, counts.get(route)!, served));
  }
  return found;
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
