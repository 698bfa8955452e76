import type { UsageRecord } from '../../../record/index.js';
import { MAX_ORDERED_RECORDS, type UsageQuery } from '../../contract/usage-query.js';
import { UsageQueryError } from '../../contract/usage-query.error.js';
import { isPlainObject, unknownField } from './known-fields.js';
import {
  isNewestFirst,
  NEWEST_FIRST,
  ORDER_FIELDS,
  type RecordOrder,
  type RecordPlace,
} from './record-order.js';
import { isStorable } from './value-kind.js';

/** The checked order of a query, and the place that it continues after. */
export interface ParsedOrder {
  readonly order: RecordOrder;
  readonly after: RecordPlace | null;
}

/**
 * @throws {UsageQueryError} if `orderBy` or `after` is invalid, or `after` stands beside `page`.
 */
export function parseOrder({ orderBy, after, page }: UsageQuery): ParsedOrder {
  const order = parsedOrder(orderBy);
  if (after === undefined) return { order, after: null };
  if (page !== undefined)
    throw new UsageQueryError('page', page, 'no page beside after, which says where to go on');
  return { order, after: parsedPlace(after, order) };
}

/** @throws {UsageQueryError} if an order that has to be kept in memory reaches too deep. */
export function checkDepth(order: RecordOrder, limit: number, offset: number): void {
  if (isNewestFirst(order) || offset + limit <= MAX_ORDERED_RECORDS) return;
  throw new UsageQueryError(
    'page',
    offset / limit + 1,
    `a page within the first ${MAX_ORDERED_RECORDS} records of that order, or after instead of it`,
  );
}

function parsedOrder(given: unknown): RecordOrder {
  if (given === undefined) return NEWEST_FIRST;
  const expected = "one field and its order, such as { speed: 'desc' }";
  if (!isPlainObject(given)) throw new UsageQueryError('orderBy', given, expected);
  const fields = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [field, value] of fields)
    if (!ORDER_FIELDS.includes(field as RecordOrder['field']))
      throw unknownField(`orderBy.${field}`, field, value, ORDER_FIELDS);
  const [only, ...others] = fields;
  if (!only || others.length > 0) throw new UsageQueryError('orderBy', given, expected);
  const [field, direction] = only;
  if (direction !== 'asc' && direction !== 'desc')
    throw new UsageQueryError(`orderBy.${field}`, direction, "'asc' or 'desc'");
  return { field: field as RecordOrder['field'], isDescending: direction === 'desc' };
}

function parsedPlace(given: unknown, { field }: RecordOrder): RecordPlace {
  const { date, id, [field]: value } = (given ?? {}) as Partial<UsageRecord>;
  if (date instanceof Date && !Number.isNaN(date.getTime()) && isStorable(id))
    return { date, id, ...(Number.isFinite(value) && { value: value as number }) };
  throw new UsageQueryError('after', given, 'a record, or its date and id');
}
