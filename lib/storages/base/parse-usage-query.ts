import {
  DEFAULT_LIMIT,
  MAX_LIMIT,
  type DateRange,
  type SumQuery,
  type UsageFilter,
  type UsageQuery,
} from '../contract/usage-query.js';
import { UsageQueryError } from '../contract/usage-query.error.js';
import type { Condition } from './query/condition.js';
import { knownFields } from './query/known-fields.js';
import { parseWhere } from './query/parse-where.js';

/** A checked filter. Its bounds are dates or null; all conditions of `where` must hold. */
export interface ParsedFilter {
  readonly start: Date | null;
  readonly end: Date | null;
  readonly where: readonly Condition[];
}

/** A checked query. */
export interface ParsedUsageQuery extends ParsedFilter {
  readonly limit: number;
  /** Number of records before the page. */
  readonly offset: number;
}

/** A checked query of a summary. */
export interface ParsedSumQuery {
  readonly start: Date | null;
  readonly end: Date | null;
  readonly limit: number;
  readonly offset: number;
  readonly target: string | null;
  readonly order: 'date' | 'hits';
}

const TEXT = 'text without NUL characters';

const FILTER_FIELDS = ['startDate', 'endDate', 'where'];
const PAGE_FIELDS = ['limit', 'page'];
const SUM_FIELDS = ['startDate', 'endDate', 'limit', 'page', 'target', 'order'];

/**
 * @throws {UsageQueryError} if a field is unknown, a value is invalid or `startDate` is after
 * `endDate`.
 */
export function parseUsageQuery(query: UsageQuery = {}): ParsedUsageQuery {
  knownFields(query, [...FILTER_FIELDS, ...PAGE_FIELDS]);
  const { limit } = query;
  if (typeof limit === 'number' && limit > MAX_LIMIT)
    throw new UsageQueryError(
      'limit',
      limit,
      `a whole number from 1 to ${MAX_LIMIT}, with page for what follows, or streamUsage() for all`,
    );
  return { ...parsedFilter(query), ...parsedPage(query) };
}

/**
 * @throws {UsageQueryError} if a field is unknown, a value is invalid or `startDate` is after
 * `endDate`.
 */
export function parseUsageFilter(filter: UsageFilter = {}): ParsedFilter {
  knownFields(filter, FILTER_FIELDS);
  return parsedFilter(filter);
}

/**
 * @throws {UsageQueryError} if a field is unknown, a value is invalid or `startDate` is after
 * `endDate`.
 */
export function parseSumQuery(query: SumQuery = {}): ParsedSumQuery {
  knownFields(query, SUM_FIELDS);
  const { target, order } = query;
  if (target !== undefined && !isText(target))
    throw new UsageQueryError('target', target, `a key as ${TEXT}`);
  if (order !== undefined && order !== 'date' && order !== 'hits')
    throw new UsageQueryError('order', order, "'date' or 'hits'");
  return {
    ...parsedRange(query),
    ...parsedPage(query),
    target: target ?? null,
    order: order ?? 'date',
  };
}

/**
 * @throws {UsageQueryError} if a field is unknown, a date is invalid or `startDate` is after
 * `endDate`.
 */
export function parseDateRange(range: DateRange = {}): Pick<ParsedFilter, 'start' | 'end'> {
  knownFields(range, ['startDate', 'endDate']);
  return parsedRange(range);
}

function parsedFilter(filter: UsageFilter): ParsedFilter {
  return { ...parsedRange(filter), where: parseWhere(filter.where) };
}

function parsedRange(range: DateRange): Pick<ParsedFilter, 'start' | 'end'> {
  const start = parsedDate('startDate', range.startDate);
  const end = parsedDate('endDate', range.endDate);
  if (start && end && start > end)
    throw new UsageQueryError(
      'startDate',
      start,
      `a date that is not after endDate (${end.toISOString()})`,
    );
  return { start, end };
}

function parsedDate(field: string, value: unknown): Date | null {
  if (value === undefined) return null;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  throw new UsageQueryError(field, value, 'a valid Date');
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
