import { NO_CALLS } from '../../record/route-deprecation.js';
import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import type { Dimension, ReportQuery, UsageReport } from '../../storages/contract/usage-report.js';
import { MAX_LIMIT } from '../../storages/contract/usage-query.js';
import type { NotedRoute } from '../../storages/base/routes/route-note.js';
import type { RoutesQuery, UsageRoute } from './usage-route.js';

/** What is counted of a route. */
export type CountedRoute = Pick<
  UsageRoute,
  'hits' | 'errors' | 'consumers' | 'firstSeen' | 'lastSeen'
>;

type Row = CountedRoute & {
  readonly route: string | null;
  readonly apiVersion?: string | null;
  readonly blueprint?: string | null;
  readonly handler?: string | null;
};

const NOTHING: CountedRoute = {
  hits: 0,
  errors: 0,
  consumers: 0,
  firstSeen: null,
  lastSeen: null,
};
const COUNTS = ['hits', 'errors', 'firstSeen', 'lastSeen'] as const;

/** A list of a condition takes no more values. */
export const MAX_VALUES = 1000;

/** Counts the requests of routes, by as few reports as tell them apart. */
export class RouteCounts {
  private readonly answers = new Map<string, Promise<Row[]>>();

  /** @param withConsumers Whether consumers are counted, too. If not, they are null. */
  constructor(
    private readonly ask: (query: ReportQuery) => Promise<UsageReport>,
    private readonly query: RoutesQuery,
    private readonly withConsumers: boolean,
  ) {}

  /** @param all All routes of the service: they tell whether calls may be of another one. */
  async of(
    routes: readonly NotedRoute[],
    all: readonly NotedRoute[] = routes,
  ): Promise<Map<NotedRoute, CountedRoute>> {
    const rows = await this.rows(['route'], this.selecting(routes, all));
    const byRoute = new Map(rows.map((row) => [row.route, row]));
    const alike = routesAlike(all);
    const shared = all
      .filter((route) => route.method !== 'ALL' && alike.has(route))
      .map((route) => nameOf(route));
    const counts = new Map<NotedRoute, CountedRoute>();
    for (const route of routes) {
      const called = calledBy(route, byRoute.keys());
      if (called.every((name) => !byRoute.has(name))) counts.set(route, NOTHING);
      else if (route.method !== 'ALL')
        counts.set(
          route,
          alike.has(route)
            ? await this.ofHandler(route, [...new Set(shared)])
            : countsOf(byRoute.get(called[0]!)),
        );
      else {
        const { blueprint, handler, apiVersion } = route;
        const own = alike.has(route) ? { blueprint, handler, apiVersion } : {};
        const [row] = await this.rows([], { ...own, route: { in: called } });
        counts.set(route, countsOf(row));
      }
    }
    return counts;
  }

  /** The condition that selects the requests of a few routes; null if it selects all. */
  private selecting(
    routes: readonly NotedRoute[],
    all: readonly NotedRoute[],
  ): ReportQuery['where'] | null {
    const isAll = routes === all || routes.length > MAX_VALUES;
    if (isAll || routes.some(({ method }) => method === 'ALL')) return null;
    return { route: { in: [...new Set(routes.map(nameOf))] } };
  }

  /** The requests that a handler answered of those that several of a route may answer. */
  private async ofHandler(route: NotedRoute, shared: readonly string[]): Promise<CountedRoute> {
    const rows = await this.rows(['route', 'apiVersion', 'blueprint', 'handler'], {
      route: { in: shared },
    });
    return countsOf(
      rows.find(
        (row) =>
          row.route === nameOf(route) &&
          row.apiVersion === route.apiVersion &&
          row.blueprint === route.blueprint &&
          row.handler === route.handler,
      ),
    );
  }

  /** The rows of a report. Without the consumers where nothing can count them any more. */
  private rows(
    dimensions: readonly Dimension[],
    where: ReportQuery['where'] | null,
  ): Promise<Row[]> {
    const key = JSON.stringify([dimensions, where]);
    let answer = this.answers.get(key);
    if (!answer) this.answers.set(key, (answer = this.read(dimensions, where)));
    return answer;
  }

  private async read(
    dimensions: readonly Dimension[],
    where: ReportQuery['where'] | null,
  ): Promise<Row[]> {
    const query = {
      ...this.query,
      dimensions,
      where: { ...this.query.where, ...where },
      limit: MAX_LIMIT,
    };
    const keyOf = (row: Row) => JSON.stringify(dimensions.map((name) => row[name as keyof Row]));
    const rows = await this.pages({ ...query, metrics: [...COUNTS] });
    if (!this.withConsumers)
      return rows.map((row) => ({ ...row, consumers: row.hits === 0 ? 0 : null }));
    // A report counts all metrics over one span: consumers may be known of a shorter one alone.
    const told = new Map((await this.consumers(query)).map((row) => [keyOf(row), row]));
    return rows.map((row) => {
      const found = told.get(keyOf(row));
      return { ...row, consumers: found && found.hits >= row.hits ? found.consumers : null };
    });
  }

  private async consumers(query: ReportQuery): Promise<Row[]> {
    try {
      return await this.pages({ ...query, metrics: ['hits', 'consumers'] });
    } catch (error) {
      if (error instanceof UsageQueryError) return [];
      throw error;
    }
  }

  private async pages(query: ReportQuery): Promise<Row[]> {
    const rows: Row[] = [];
    for (let page = 1; ; page++) {
      const report = await this.ask({ ...query, page });
      rows.push(...(report.rows as unknown as Row[]));
      if (rows.length >= report.groups) return rows;
    }
  }
}

/** The routes whose calls have a name that calls of another one have too. */
export function routesAlike(routes: readonly NotedRoute[]): ReadonlySet<NotedRoute> {
  const names = countOf(routes.map(nameOf));
  const underAll = new Set(routes.filter(({ method }) => method === 'ALL').map(pathOf));
  const isShared = (route: NotedRoute) =>
    names.get(nameOf(route))! > 1 || (route.method !== 'ALL' && underAll.has(route.path));
  const overlapped = new Set(
    routes.filter((route) => route.method !== 'ALL' && isShared(route)).map(pathOf),
  );
  return new Set(
    routes.filter(
      (route) => isShared(route) || (route.method === 'ALL' && overlapped.has(route.path)),
    ),
  );
}

/** The keys of the summary of routes that are calls of a route. */
function calledBy({ method, path }: NotedRoute, keys: Iterable<string | null>): string[] {
  if (method !== 'ALL') return [`${method} ${path}`];
  return [...keys].filter((key): key is string => {
    if (key === null) return false;
    const [called = '', ...rest] = key.split(' ');
    return rest.join(' ') === path && !NO_CALLS.has(called);
  });
}

function nameOf({ method, path }: NotedRoute): string {
  return `${method} ${path}`;
}

function pathOf({ path }: NotedRoute): string {
  return path;
}

function countOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function countsOf(row: Row | undefined): CountedRoute {
  if (!row) return NOTHING;
  const { hits, errors, consumers, firstSeen, lastSeen } = row;
  return { hits, errors, consumers, firstSeen, lastSeen };
}
