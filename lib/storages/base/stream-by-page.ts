import type { UsageRecord } from '../../record/index.js';
import type { UsageFilter, UsageQuery } from '../contract/usage-query.js';

const PAGE_SIZE = 500;

/**
 * Streams from a storage that supports only pages. Each page starts at the last date of the page
 * before, so records stored meanwhile shift nothing, and each page costs the same. Only records of
 * the same millisecond are paged by number.
 */
export async function* streamByPage(
  getUsage: (query: UsageQuery) => Promise<UsageRecord[]>,
  filter: UsageFilter,
): AsyncGenerator<UsageRecord> {
  let endDate = filter.endDate;
  let atEnd = new Set<string>();
  for (let page = 1; ;) {
    const records = await getUsage({
      ...filter,
      ...(endDate && { endDate }),
      limit: PAGE_SIZE,
      page,
    });
    for (const record of records) if (!atEnd.has(record.id)) yield record;
    const last = records.at(-1);
    if (last === undefined || records.length < PAGE_SIZE) return;
    if (endDate?.getTime() === last.date.getTime()) {
      for (const record of records) atEnd.add(record.id);
      page++;
    } else {
      endDate = last.date;
      atEnd = new Set(
        records
          .filter((record) => record.date.getTime() === last.date.getTime())
          .map(({ id }) => id),
      );
      page = 1;
    }
  }
}
