import {
  keyText,
  SummaryNotKeptError,
  type SummaryPeriod,
  type UsageSum,
  type UsageSums,
} from '../../summary/index.js';
import type { ParsedSumQuery } from './parse-usage-query.js';
import type { BaseStorageParts } from './storage-parts.js';

/**
 * Reads the wanted periods of one summary, a page of each.
 *
 * @param name The storage's name.
 * @throws {SummaryNotKeptError} if the storage does not keep the summary.
 */
export async function readSums(
  dimension: string,
  { start, end, target, periods, limit, ...page }: ParsedSumQuery,
  { calendar, summaries }: BaseStorageParts['summarizer'],
  sums: BaseStorageParts['sums'],
  name: string,
): Promise<UsageSums> {
  if (!summaries.includes(dimension)) throw new SummaryNotKeptError(dimension, summaries, name);
  const key = target === null ? null : keyText(target);
  const found: UsageSums = { hour: [], day: [], month: [], truncated: [] };
  const read = async (period: SummaryPeriod): Promise<readonly [SummaryPeriod, UsageSum[]]> => {
    const range = calendar.range(period, start, end);
    // One more than wanted shows whether there are more.
    return [period, await sums.page({ dimension, period, range, key, limit: limit + 1, ...page })];
  };
  const pages: (readonly [SummaryPeriod, UsageSum[]])[] = [];
  if (sums.isSequential) for (const period of periods) pages.push(await read(period));
  else pages.push(...(await Promise.all(periods.map(read))));
  for (const [period, rows] of pages) {
    if (rows.length > limit) {
      rows.length = limit;
      found.truncated.push(period);
    }
    found[period] = rows;
  }
  return found;
}
