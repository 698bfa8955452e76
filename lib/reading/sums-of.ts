import { parseSumQuery } from '../storages/base/parse-usage-query.js';
import { withTimeout } from '../storages/base/query/cancellation.js';
import type { SumQuery } from '../storages/contract/usage-query.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import type { UsageSums } from '../summary/index.js';

/**
 * The sums of a storage. One that does not apply all of a query gets the parts that every storage
 * knows.
 */
export async function sumsOf(
  storage: UsageStorage & Required<Pick<UsageStorage, 'getSum'>>,
  dimension: string,
  query: SumQuery,
): Promise<UsageSums> {
  const parsed = parseSumQuery(query);
  const { start, end, limit, offset, target, order, periods } = parsed;
  if (storage.appliesFilters) {
    const sums = await storage.getSum(dimension, query);
    return { truncated: [], ...sums };
  }
  const sums = await withTimeout(parsed, () =>
    storage.getSum(dimension, {
      ...(start && { startDate: start }),
      ...(end && { endDate: end }),
      ...(target !== null && { target }),
      order,
      limit,
      page: offset / limit + 1,
    }),
  );
  const found: UsageSums = { hour: [], day: [], month: [], truncated: [] };
  for (const period of periods) found[period] = sums[period];
  found.truncated = sums.truncated ?? periods.filter((period) => sums[period].length >= limit);
  return found;
}
