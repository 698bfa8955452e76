import type { RouteReviewQuery } from '../../reading/routes/route-review.js';
import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import type { UsageFilter, UsageQuery } from '../../storages/contract/usage-query.js';
import type { ReportQuery } from '../../storages/contract/usage-report.js';
import { readFilters, whereOf } from '../state/filters.js';
import type { Visibility } from './visibility.js';

const RANGE = ['startDate', 'endDate', 'last', 'timeout'];
const REPORT = [...RANGE, 'metrics', 'dimensions', 'interval', 'compare', 'limit', 'page'];
const RECORDS = [...RANGE, 'limit', 'page', 'after'];
const ROUTES = [...RANGE, 'unusedFor'];
const ORDER = 'orderBy.';
const WHERE = 'where.';
/** How those that begin so are told of. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  [WHERE]: ['where.<field>', 'where.<field>.<operator>'],
  [ORDER]: ['orderBy.<name>'],
};

/**
 * The question of a report's address: `?metrics=hits,p95&dimensions=route&last=7d`. Names and values
 * are checked by whoever answers it.
 *
 * @throws {UsageQueryError} if a parameter is unknown, given twice, or names what is hidden.
 */
export function reportQuery(query: URLSearchParams, visible: Visibility): ReportQuery {
  checkNames(query, REPORT, [WHERE, ORDER]);
  const metrics = listOf(query, 'metrics');
  const dimensions = listOf(query, 'dimensions');
  for (const metric of metrics ?? []) visible.checkMetric('metrics', metric);
  for (const name of dimensions ?? []) visible.check('dimensions', name);
  const given = {
    ...filterOf(query, visible),
    metrics,
    dimensions,
    interval: textOf(query, 'interval'),
    compare: textOf(query, 'compare'),
    orderBy: orderOf(query, visible),
    limit: numberOf(query, 'limit'),
    page: numberOf(query, 'page'),
  };
  return withoutUndefined(given);
}

/**
 * The question of an address of records: `?last=24h&where.status.gte=500&limit=100`.
 *
 * @throws {UsageQueryError} if a parameter is unknown, given twice, or names what is hidden.
 */
export function recordsQuery(query: URLSearchParams, visible: Visibility): UsageQuery {
  checkNames(query, RECORDS, [WHERE, ORDER]);
  const given = {
    ...filterOf(query, visible),
    orderBy: orderOf(query, visible),
    limit: numberOf(query, 'limit'),
    page: numberOf(query, 'page'),
    after: afterOf(query),
  };
  return withoutUndefined(given);
}

/** @throws {UsageQueryError} if there is any parameter: what answers has no question. */
export function checkNoParameters(query: URLSearchParams): void {
  for (const [name, value] of query) throw new UsageQueryError(name, value, 'no parameter');
}

/**
 * The question of an address of routes: `?unusedFor=90d&last=30d&where.service=shop`.
 *
 * @throws {UsageQueryError} if a parameter is unknown, given twice, or names what is hidden.
 */
export function routesQuery(query: URLSearchParams, visible: Visibility): RouteReviewQuery {
  checkNames(query, ROUTES, [WHERE]);
  return withoutUndefined({
    ...filterOf(query, visible),
    unusedFor: textOf(query, 'unusedFor'),
  });
}

function filterOf(query: URLSearchParams, visible: Visibility): UsageFilter {
  const filters = readFilters(query);
  for (const { field } of filters) visible.check(`where.${field}`, field);
  const given = {
    startDate: dateOf(query, 'startDate'),
    endDate: dateOf(query, 'endDate'),
    last: textOf(query, 'last'),
    timeout: numberOf(query, 'timeout'),
    where: whereOf(filters),
  };
  return withoutUndefined(given);
}

/** @param groups What parameters of many names begin with. */
function checkNames(
  query: URLSearchParams,
  known: readonly string[],
  groups: readonly string[],
): void {
  for (const [name, value] of query) {
    const isGrouped = groups.some(
      (prefix) => name.startsWith(prefix) && name.length > prefix.length,
    );
    if (!isGrouped && !known.includes(name))
      throw new UsageQueryError(
        name,
        value,
        `one of the parameters ${[...known, ...groups.flatMap((group) => NAMES[group] ?? [])].join(', ')}`,
      );
    if (!name.startsWith(WHERE) && query.getAll(name).length > 1)
      throw new UsageQueryError(name, query.getAll(name), 'one value');
  }
}

function textOf(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) ?? undefined;
}

function listOf(query: URLSearchParams, name: string): string[] | undefined {
  const text = query.get(name);
  return text === null ? undefined : text.split(',').filter((each) => each !== '');
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageQueryError(name, text, 'a whole number from 1');
}

function dateOf(query: URLSearchParams, name: string): Date | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const date = new Date(text);
  if (!Number.isNaN(date.getTime())) return date;
  throw new UsageQueryError(name, text, 'a date such as 2026-11-30 or 2026-11-30T12:00:00Z');
}

/** An order tells what it is by, even if no column shows it. */
function orderOf(query: URLSearchParams, visible: Visibility): Record<string, string> | undefined {
  const found = [...query].filter(([name]) => name.startsWith(ORDER));
  if (found.length === 0) return undefined;
  return Object.fromEntries(
    found.map(([parameter, direction]) => {
      const name = parameter.slice(ORDER.length);
      visible.check(parameter, name);
      visible.checkMetric(parameter, name);
      return [name, direction];
    }),
  );
}

function afterOf(query: URLSearchParams): UsageQuery['after'] {
  const text = query.get('after');
  if (text === null) return undefined;
  const [date = '', id = ''] = text.split(',');
  return { date: new Date(date), id };
}

function withoutUndefined(given: object): object {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
