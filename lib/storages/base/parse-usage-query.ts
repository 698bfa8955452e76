import { SUMMARY_PERIODS, type SummaryPeriod } from '../../summary/index.js';
import {
  DEFAULT_LIMIT,
  MAX_LIMIT,
  type DateRange,
  type SumQuery,
  type UsageFilter,
  type UsageQuery,
} from '../contract/usage-query.js';
import { UsageQueryError } from '../contract/usage-query.error.js';
import { parseCancellation, type Cancellation } from './query/cancellation.js';
import type { Condition } from './query/condition.js';
import { hint, knownFields } from './query/known-fields.js';
import { checkDepth, parseOrder, type ParsedOrder } from './query/parse-order.js';
import { parseRange, type ParsedRange } from './query/parse-range.js';
import { parseWhere, type FindSummary } from './query/parse-where.js';

/** A checked filter. Its bounds are dates or null; all conditions of `where` must hold. */
export interface ParsedFilter extends ParsedRange, Cancellation {
  readonly where: readonly Condition[];
}

/** A checked query. Without an order the newest come first. */
export interface ParsedUsageQuery extends ParsedFilter, Partial<ParsedOrder> {
  readonly limit: number;
  /** Number of records before the page. */
  readonly offset: number;
}

/** A checked query of a summary. */
export interface ParsedSumQuery extends ParsedRange, Cancellation {
  readonly limit: number;
  readonly offset: number;
  readonly target: string | null;
  readonly order: 'date' | 'hits';
  readonly periods: readonly SummaryPeriod[];
}

const TEXT = 'text without NUL characters';

const RANGE_FIELDS = ['startDate', 'endDate', 'last'];
const ENDING_FIELDS = ['signal', 'timeout'];
const FILTER_FIELDS = [...RANGE_FIELDS, 'where', ...ENDING_FIELDS];
const QUERY_FIELDS = [...FILTER_FIELDS, 'limit', 'page', 'orderBy', 'after'];
const SUM_FIELDS = [
  ...RANGE_FIELDS,
  'limit',
  'page',
  'target',
  'order',
  'periods',
  ...ENDING_FIELDS,
];

/**
 * @param findSummary Finds the summaries that `where` may name. Default: none.
 * @throws {UsageQueryError} if a field is unknown, a value is invalid, or values do not go together.
 */
export function parseUsageQuery(
  query: UsageQuery = {},
  findSummary?: FindSummary,
): ParsedUsageQuery {
  knownFields(query, QUERY_FIELDS);
  const { limit } = query;
  if (typeof limit === 'number' && limit > MAX_LIMIT)
    throw new UsageQueryError(
      'limit',
      limit,
      `a whole number from 1 to ${MAX_LIMIT}, with page for what follows, or streamUsage() for all`,
    );
  const page = parsedPage(query);
  const ordered = parseOrder(query);
  checkDepth(ordered.order, page.limit, page.offset);
  return { ...parsedFilter(query, findSummary), ...page, ...ordered };
}

/**
 * @param findSummary Finds the summaries that `where` may name. Default: none.
 * @throws {UsageQueryError} if a field is unknown, a value is invalid, or values do not go together.
 */
export function parseUsageFilter(
  filter: UsageFilter = {},
  findSummary?: FindSummary,
): ParsedFilter {
  knownFields(filter, FILTER_FIELDS);
  return parsedFilter(filter, findSummary);
}

/**
 * @throws {UsageQueryError} if a field is unknown, a value is invalid, or values do not go together.
 */
export function parseSumQuery(query: SumQuery = {}): ParsedSumQuery {
  knownFields(query, SUM_FIELDS);
  const { target, order } = query;
  if (target !== undefined && !isText(target))
    throw new UsageQueryError('target', target, `a key as ${TEXT}`);
  if (order !== undefined && order !== 'date' && order !== 'hits')
    throw new UsageQueryError('order', order, "'date' or 'hits'");
  return {
    ...parseRange(query),
    ...parsedPage(query),
    ...parseCancellation(query),
    target: target ?? null,
    order: order ?? 'date',
    periods: parsedPeriods(query.periods),
  };
}

/**
 * @throws {UsageQueryError} if a field is unknown, a date is invalid or `startDate` is after
 * `endDate`.
 */
export function parseDateRange(range: DateRange = {}): ParsedRange {
  knownFields(range, ['startDate', 'endDate']);
  return parseRange(range);
}

function parsedFilter(filter: UsageFilter, findSummary?: FindSummary): ParsedFilter {
  return {
    ...parseRange(filter),
    where: parseWhere(filter.where, findSummary),
    ...parseCancellation(filter),
  };
}

function parsedPeriods(given: unknown): readonly SummaryPeriod[] {
  if (given === undefined) return SUMMARY_PERIODS;
  const expected = `a list of ${SUMMARY_PERIODS.map((each) => `'${each}'`).join(', ')}`;
  if (!Array.isArray(given) || given.length === 0)
    throw new UsageQueryError('periods', given, expected);
  for (const each of given as unknown[])
    if (!SUMMARY_PERIODS.includes(each as SummaryPeriod))
      throw new UsageQueryError('periods', each, expected + hint(String(each), SUMMARY_PERIODS));
  return SUMMARY_PERIODS.filter((period) => given.includes(period));
}

function parsedPage(query: { limit?: number; page?: number }) {
  const limit = parsedCount('limit', query.limit, DEFAULT_LIMIT);
  const offset = (parsedCount('page', query.page, 1) - 1) * limit;
  if (!Number.isSafeInteger(offset))
    throw new UsageQueryError('page', query.page, 'a page whose first entry is a safe integer');
  return { limit, offset };
}

function parsedCount(field: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw new UsageQueryError(field, value, 'a whole number from 1');
}

// No record has a NUL character, and databases reject one with an error of their own.
function isText(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}
