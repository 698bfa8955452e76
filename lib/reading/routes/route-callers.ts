import { clientParts } from '../../summary/index.js';
import { NO_CALLS } from '../../record/route-deprecation.js';
import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import { MAX_LIMIT } from '../../storages/contract/usage-query.js';
import type { ReportQuery } from '../../storages/contract/usage-report.js';
import { MAX_VALUES } from './route-counts.js';
import type { CalledRoute, RouteCaller } from './route-review.js';
import type { RoutesQuery } from './usage-route.js';
import type { AskReport, ListedRoute } from './usage-routes.js';

interface Row {
  readonly service: string | null;
  readonly route: string;
  readonly apiVersion: string | null;
  readonly blueprint: string | null;
  readonly handler: string | null;
  readonly consumer: string | null;
  readonly client: string | null;
  readonly hits: number;
  readonly lastSeen: Date | null;
}

/**
 * Who called some routes in a span, those with the most calls first. Null: somebody did, and the
 * records are gone.
 *
 * @param query With the span's bounds as dates.
 * @param all All listed routes: they tell whether calls are of another one that looks alike.
 * @param isShared Whether several services share the storage.
 */
export async function callersOf(
  ask: AskReport,
  query: RoutesQuery,
  routes: readonly ListedRoute[],
  all: readonly ListedRoute[],
  isShared: boolean,
): Promise<CalledRoute[]> {
  const calls = new Map<ListedRoute, Map<string, Row>>(routes.map((route) => [route, new Map()]));
  const listed = byPath(all);
  const paths = [...new Set(routes.map(({ noted }) => noted.path))];
  for (let at = 0; at < paths.length; at += MAX_VALUES) {
    const where = { ...query.where, route: { in: paths.slice(at, at + MAX_VALUES) } };
    for (const row of await allRows(ask, { ...query, where })) {
      const route = calledRoute(row, listed, isShared);
      const known = route && calls.get(route);
      if (!known) continue;
      const key = JSON.stringify([row.consumer, row.client]);
      known.set(key, added(known.get(key), row));
    }
  }
  return [...calls].map(([{ route }, rows]) => {
    const isUnknown = rows.size === 0 && isWithin(route.lastSeen, query);
    return { ...route, callers: isUnknown ? null : callers([...rows.values()]) };
  });
}

/** Whether somebody has called a route in the span of its callers. */
export function isCalled({ callers }: CalledRoute): boolean {
  return callers === null || callers.length > 0;
}

function isWithin(date: Date | null, { startDate, endDate }: RoutesQuery): boolean {
  if (date === null) return false;
  return (!startDate || date >= startDate) && (!endDate || date <= endDate);
}

async function allRows(ask: AskReport, query: RoutesQuery): Promise<Row[]> {
  const asked: ReportQuery = {
    ...query,
    dimensions: [
      ...['service', 'route', 'apiVersion', 'blueprint', 'handler'],
      ...['consumer', 'client'],
    ],
    metrics: ['hits', 'lastSeen'],
    limit: MAX_LIMIT,
  };
  const rows: Row[] = [];
  try {
    for (let page = 1; ; page++) {
      const report = await ask({ ...asked, page });
      rows.push(...(report.rows as unknown as Row[]));
      if (rows.length >= report.groups) return rows;
    }
  } catch (error) {
    if (error instanceof UsageQueryError && error.field === 'startDate') return [];
    throw error;
  }
}

function byPath(routes: readonly ListedRoute[]): ReadonlyMap<string, readonly ListedRoute[]> {
  const found = new Map<string, ListedRoute[]>();
  for (const route of routes) {
    const { path } = route.noted;
    const known = found.get(path);
    if (known) known.push(route);
    else found.set(path, [route]);
  }
  return found;
}

/** The route that a request called: by its handler where several look alike. */
function calledRoute(
  { service, route, apiVersion, blueprint, handler }: Row,
  listed: ReadonlyMap<string, readonly ListedRoute[]>,
  isShared: boolean,
): ListedRoute | undefined {
  const space = route.indexOf(' ');
  const [method, path] = [route.slice(0, space), route.slice(space + 1)];
  const alike = (listed.get(path) ?? []).filter(
    (each) =>
      (!isShared || each.route.service === service) &&
      each.noted.apiVersion === apiVersion &&
      (each.noted.method === method || (each.noted.method === 'ALL' && !NO_CALLS.has(method))),
  );
  if (alike.length <= 1) return alike[0];
  return alike.find(({ noted }) => noted.blueprint === blueprint && noted.handler === handler);
}

function added(known: Row | undefined, row: Row): Row {
  if (!known) return row;
  const dates = [known.lastSeen, row.lastSeen].filter((date) => date !== null);
  const lastSeen = dates.length === 0 ? null : new Date(Math.max(...dates.map(Number)));
  return { ...known, hits: known.hits + row.hits, lastSeen };
}

function callers(rows: readonly Row[]): RouteCaller[] {
  return [...rows]
    .sort(
      (a, b) => b.hits - a.hits || compare(a.consumer, b.consumer) || compare(a.client, b.client),
    )
    .map(({ consumer, client: shown, hits, lastSeen }) => {
      const { name: client, version } = clientParts(shown);
      return { consumer, client, version, hits, lastSeen };
    });
}

function compare(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a < b ? -1 : a > b ? 1 : 0;
}
