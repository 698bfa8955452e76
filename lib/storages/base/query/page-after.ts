import type { UsageRecord } from '../../../record/index.js';
import { UsageQueryError } from '../../contract/usage-query.error.js';
import type { ParsedUsageQuery } from '../parse-usage-query.js';
import { equals, type Condition } from './condition.js';
import { NEWEST_FIRST, type RecordOrder, type RecordPlace } from './record-order.js';

type ReadPage = (query: ParsedUsageQuery) => Promise<UsageRecord[]>;

/**
 * A page of a query. In an order by a value, what comes after a record has its value and is older, or
 * has a value beyond: two pages that every storage can read.
 *
 * @param read Reads a page. In an order by a value it gets no `after`.
 * @throws {UsageQueryError} if the value of the record to go on after is neither given nor stored.
 */
export async function pageAfter(query: ParsedUsageQuery, read: ReadPage): Promise<UsageRecord[]> {
  const { after, order = NEWEST_FIRST, limit } = query;
  if (!after || order.field === 'date') return read(query);
  const value = after.value ?? (await storedValue(after, order, query, read));
  const same = equals(order.field, value);
  const beyond: Condition = {
    operand: same.operand,
    test: { op: order.isDescending ? 'lt' : 'gt', value },
  };
  const found = await read({
    ...query,
    where: [...query.where, same],
    order: NEWEST_FIRST,
  });
  if (found.length === limit) return found;
  const rest = await read({
    ...query,
    where: [...query.where, beyond],
    after: null,
    limit: limit - found.length,
  });
  return [...found, ...rest];
}

async function storedValue(
  { date, id }: RecordPlace,
  { field }: RecordOrder,
  { signal = null }: ParsedUsageQuery,
  read: ReadPage,
): Promise<number> {
  const where = [equals('id', id)];
  const [record] = await read({ start: date, end: date, where, limit: 1, offset: 0, signal });
  if (record) return record[field] as number;
  throw new UsageQueryError(
    'after',
    { date, id },
    `a record that is stored, or the record itself with its ${field}`,
  );
}
