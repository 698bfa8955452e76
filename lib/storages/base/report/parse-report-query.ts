import { DIMENSION_NAMES, reportDimension, type ReportDimension } from '../../../summary/index.js';
import { nearestName } from '../../../support/nearest-name.js';
import { UsageQueryError } from '../../contract/usage-query.error.js';
import { MAX_LIMIT, type UsageFilter } from '../../contract/usage-query.js';
import {
  DEFAULT_REPORT_LIMIT,
  METRICS,
  REPORT_COMPARISONS,
  REPORT_INTERVALS,
  type Metric,
  type ReportComparison,
  type ReportInterval,
  type ReportQuery,
} from '../../contract/usage-report.js';
import { parseUsageFilter, type ParsedFilter } from '../parse-usage-query.js';
import type { FindSummary } from '../query/parse-where.js';

/** One criterion of the order of groups. */
export interface ReportOrder {
  /** A metric, or a dimension of the report. */
  readonly by: { readonly metric: Metric } | { readonly dimension: number };
  readonly isDescending: boolean;
}

/** A checked question. */
export interface ParsedReportQuery {
  readonly filter: ParsedFilter;
  readonly metrics: readonly Metric[];
  readonly dimensions: readonly ReportDimension[];
  readonly interval: ReportInterval | null;
  readonly compare: ReportComparison | null;
  readonly order: readonly ReportOrder[];
  readonly limit: number;
  /** Number of groups before the page. */
  readonly offset: number;
}

const FILTER_FIELDS = ['startDate', 'endDate', 'last', 'where', 'signal', 'timeout'] as const;
const FIELDS = [
  'metrics',
  'dimensions',
  ...FILTER_FIELDS,
  'interval',
  'compare',
  'orderBy',
  'limit',
  'page',
];

/** Names that a row has beside its dimensions. */
const ROW_NAMES: readonly string[] = [...METRICS, 'date', 'partial', 'previous', 'groups'];

/**
 * @param findSummary Default: the storage keeps no summaries.
 * @throws {UsageQueryError} if a field is unknown, a value is invalid or values contradict each
 * other.
 */
export function parseReportQuery(
  query: ReportQuery = {},
  findSummary: FindSummary = () => undefined,
): ParsedReportQuery {
  if (typeof query !== 'object' || query === null || Array.isArray(query))
    throw new UsageQueryError('query', query, `an object with ${FIELDS.join(', ')}`);
  for (const field of Object.keys(query))
    if (!FIELDS.includes(field))
      throw notAmong(field, (query as Record<string, unknown>)[field], field, FIELDS, 'the fields');
  const metrics = parsedList('metrics', query.metrics, ['hits'], METRICS, 'metrics');
  if (metrics.length === 0) throw new UsageQueryError('metrics', [], 'at least one metric');
  const dimensions = parsedDimensions(query.dimensions, findSummary);
  const filter = parseUsageFilter(filterOf(query), findSummary);
  const compare = parsedName('compare', query.compare, REPORT_COMPARISONS);
  if (compare !== null && filter.start === null)
    throw new UsageQueryError('compare', compare, 'startDate or last beside it');
  const limit = parsedCount('limit', query.limit, DEFAULT_REPORT_LIMIT, MAX_LIMIT);
  const offset = (parsedCount('page', query.page, 1) - 1) * limit;
  if (!Number.isSafeInteger(offset))
    throw new UsageQueryError('page', query.page, 'a page whose first group is a safe integer');
  return {
    filter,
    metrics: metrics as Metric[],
    dimensions,
    interval: parsedName('interval', query.interval, REPORT_INTERVALS),
    compare,
    order: parsedOrder(query.orderBy, metrics[0] as Metric, dimensions),
    limit,
    offset,
  };
}

/** The part of the question that selects requests. */
export function filterOf(query: ReportQuery): UsageFilter {
  const filter: Record<string, unknown> = {};
  for (const field of FILTER_FIELDS) if (query[field] !== undefined) filter[field] = query[field];
  return filter;
}

function parsedDimensions(given: unknown, findSummary: FindSummary): ReportDimension[] {
  return parsedList('dimensions', given, [], null, 'dimensions').map((name) => {
    const dimension = reportDimension(name) ?? findSummary(name);
    if (!dimension) throw notAmong('dimensions', name, name, DIMENSION_NAMES, 'the dimensions');
    if (ROW_NAMES.includes(name))
      throw new UsageQueryError(
        'dimensions',
        name,
        'a dimension that is not named like something else in a row; give the summary another name',
      );
    return dimension;
  });
}

/** Checks a list of names, each once. */
function parsedList(
  field: string,
  given: unknown,
  otherwise: readonly string[],
  known: readonly string[] | null,
  what: string,
): readonly string[] {
  if (given === undefined) return otherwise;
  if (!Array.isArray(given))
    throw new UsageQueryError(
      field,
      given,
      `a list of ${what}, such as ['${known?.[0] ?? 'route'}']`,
    );
  given.forEach((name: unknown, index) => {
    if (typeof name !== 'string' || (known && !known.includes(name)))
      throw notAmong(field, name, String(name), known ?? DIMENSION_NAMES, `the ${what}`);
    if (given.indexOf(name) !== index)
      throw new UsageQueryError(field, name, `each of the ${what} once`);
  });
  return given as string[];
}

function parsedName<Name extends string>(
  field: string,
  given: unknown,
  known: readonly Name[],
): Name | null {
  if (given === undefined) return null;
  if (!known.includes(given as Name))
    throw notAmong(field, given, typeof given === 'string' ? given : '', known, 'the names');
  return given as Name;
}

function parsedOrder(
  given: unknown,
  metric: Metric,
  dimensions: readonly ReportDimension[],
): ReportOrder[] {
  const names = dimensions.map(({ name }) => name);
  if (given === undefined) return [{ by: { metric }, isDescending: true }];
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new UsageQueryError('orderBy', given, `an object such as { ${metric}: 'desc' }`);
  const entries = Object.entries(given).filter(([, direction]) => direction !== undefined);
  return entries.map(([name, direction]) => {
    const field = `orderBy.${name}`;
    const isMetric = (METRICS as readonly string[]).includes(name);
    if (!isMetric && !names.includes(name))
      throw notAmong(field, direction, name, [...METRICS, ...names], 'the metrics and dimensions');
    if (direction !== 'asc' && direction !== 'desc')
      throw new UsageQueryError(field, direction, "'asc' or 'desc'");
    return {
      by: isMetric ? { metric: name as Metric } : { dimension: names.indexOf(name) },
      isDescending: direction === 'desc',
    };
  });
}

function parsedCount(field: string, value: unknown, fallback: number, most?: number): number {
  if (value === undefined) return fallback;
  const isCount = typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
  if (isCount && value <= (most ?? Infinity)) return value;
  throw new UsageQueryError(
    field,
    value,
    most === undefined
      ? 'a whole number from 1'
      : `a whole number from 1 to ${most}, with page for what follows`,
  );
}

function notAmong(
  field: string,
  value: unknown,
  name: string,
  known: readonly string[],
  what: string,
): UsageQueryError {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
  return new UsageQueryError(field, value, `one of ${what} ${known.join(', ')}${hint}`);
}
