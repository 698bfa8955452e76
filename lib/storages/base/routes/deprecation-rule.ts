import { METHODS } from 'node:http';
import {
  reportDimension,
  type DimensionValue,
  type FieldIn,
  type ReportDimension,
} from '../../../summary/index.js';
import { NO_CALLS } from '../../../record/route-deprecation.js';
import type { NotedRoute, ServiceRoutes } from './route-note.js';

/** The methods that reach a route of `@All()`. */
const CALLS = METHODS.filter((method) => !NO_CALLS.has(method));

/** Longer values may be cut in the keys of sums. */
export const SAFE_LENGTH = 1000;

/** The most values that databases compare with; those of more routes are decided record by record. */
const MAX_BOUND = 10_000;

/** What tells routes of one method and path apart, beside their service: the least that does. */
const LEVELS = [[], ['apiVersion'], ['apiVersion', 'blueprint', 'handler']] as const;

type Level = (typeof LEVELS)[number];

/** A dimension whose value some others decide, so that sums of those answer for it. */
export interface DecidedDimension extends ReportDimension {
  readonly decidedBy: readonly ReportDimension[];
  /** @param values The values of those dimensions, in their order. */
  readonly decide: (values: readonly DimensionValue[]) => DimensionValue;
  /** Whether the keys of sums have those values whole. */
  readonly isDecidedByKeys: boolean;
}

export function isDecided(dimension: ReportDimension): dimension is DecidedDimension {
  return 'decidedBy' in dimension;
}

/** A route that is declared, under one method that calls it. */
interface CalledRoute {
  readonly service: string | null;
  readonly method: string;
  readonly route: NotedRoute;
}

/**
 * The dimension `deprecated`, by the routes that services declare or have declared: true for the
 * calls of a route that is deprecated, as its service has declared it last. Of a single service all
 * requests are its own, whatever name they carry.
 */
export function deprecatedDimension(services: readonly ServiceRoutes[]): DecidedDimension {
  const called = callsOf(services);
  const byService: readonly 'service'[] = services.length > 1 ? ['service'] : [];
  const level = LEVELS.find((each) => tellsApart(called, each)) ?? LEVELS.at(-1)!;
  const names = [...byService, 'route', ...level];
  const deprecated = called.filter(({ route }) => route.deprecated !== null);
  const keys = new Set(deprecated.map((each) => keyOf(each, byService, level)));
  const decidedBy = names.map((name) => reportDimension(name)!);
  const decide = (values: readonly DimensionValue[]) => keys.has(JSON.stringify(values));
  const { name, kind } = reportDimension('deprecated')!;
  const anyOf = conditionsOf(deprecated, byService, level);
  const bound = anyOf.flat().reduce((sum, { values }) => sum + values.length, 0);
  return {
    name,
    kind,
    fields: decidedBy.flatMap(({ fields }) => fields),
    of: (...values) => {
      let at = 0;
      return decide(
        decidedBy.map(({ fields, of }) => of(...values.slice(at, (at += fields.length)))),
      );
    },
    read: (record) => decide(decidedBy.map(({ read }) => read(record))),
    summary: null,
    expression: bound > MAX_BOUND ? null : { anyOf },
    decidedBy,
    decide,
    isDecidedByKeys: [...keys].every((key) => key.length <= SAFE_LENGTH),
  };
}

/** The routes whose path a deprecated route has, under each of their methods. */
function callsOf(services: readonly ServiceRoutes[]): CalledRoute[] {
  return services.flatMap(({ service, routes }) => {
    const paths = new Set(routes.flatMap(({ path, deprecated }) => (deprecated ? [path] : [])));
    return routes
      .filter(({ path }) => paths.has(path))
      .flatMap((route) =>
        (route.method === 'ALL' ? CALLS : [route.method]).map((method) => ({
          service,
          method,
          route,
        })),
      );
  });
}

/** Whether no two routes that look alike differ in their deprecation. */
function tellsApart(called: readonly CalledRoute[], level: Level): boolean {
  const known = new Map<string, boolean>();
  for (const each of called) {
    const key = keyOf(each, ['service'], level);
    const isDeprecated = each.route.deprecated !== null;
    if ((known.get(key) ?? isDeprecated) !== isDeprecated) return false;
    known.set(key, isDeprecated);
  }
  return true;
}

function keyOf(
  { service, method, route }: CalledRoute,
  byService: readonly 'service'[],
  level: Level,
): string {
  return JSON.stringify([
    ...byService.map(() => service),
    `${method} ${route.path}`,
    ...level.map((name) => route[name]),
  ]);
}

/** What databases compare: a list of conditions for each deprecated route, its methods together. */
function conditionsOf(
  deprecated: readonly CalledRoute[],
  byService: readonly 'service'[],
  level: Level,
): FieldIn[][] {
  const methods = new Map<NotedRoute, string[]>();
  const services = new Map<NotedRoute, string | null>();
  for (const { service, method, route } of deprecated) {
    methods.set(route, [...(methods.get(route) ?? []), method]);
    services.set(route, service);
  }
  return [...methods].map(([route, called]) => [
    { field: 'route', values: [route.path] },
    { field: 'method', values: called },
    ...byService.map((field) => ({ field, values: one(services.get(route)!) })),
    ...level.map((field) => ({ field, values: one(route[field]) })),
  ]);
}

function one(value: string | null): FieldIn['values'] {
  return value === null ? [null] : [value];
}
