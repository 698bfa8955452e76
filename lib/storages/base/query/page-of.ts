import type { UsageRecord } from '../../../record/index.js';
import type { ParsedFilter, ParsedUsageQuery } from '../parse-usage-query.js';
import { sortInSlices } from '../report/sort-in-slices.js';
import { comesAfter, isNewestFirst, NEWEST_FIRST, recordComparer } from './record-order.js';

/**
 * A page of a query, for storages that read the newest first, one record after the other.
 *
 * @param stream Streams the records of a filter, the newest first.
 */
export async function pageOf(
  { limit, offset, order = NEWEST_FIRST, after, ...filter }: ParsedUsageQuery,
  stream: (filter: ParsedFilter) => AsyncIterable<UsageRecord>,
): Promise<UsageRecord[]> {
  const isNext = after ? comesAfter(after, order) : () => true;
  const records = stream(after ? beyond(filter, after.date, order.isDescending) : filter);
  const top = isNewestFirst(order) ? null : new TopRecords(offset + limit, recordComparer(order));
  const page: UsageRecord[] = [];
  let skip = offset;
  for await (const record of records) {
    if (!isNext(record)) continue;
    if (top) await top.add(record);
    else if (skip > 0) skip--;
    else if (page.push(record) === limit) break;
  }
  return top ? (await top.sorted()).slice(offset) : page;
}

/** The part of a filter that may come after a date. */
export function beyond(filter: ParsedFilter, date: Date, isDescending: boolean): ParsedFilter {
  const { start, end } = filter;
  return isDescending
    ? { ...filter, end: end && end < date ? end : date }
    : { ...filter, start: start && start > date ? start : date };
}

/** Keeps the first records of an order, in memory for about twice as many. */
export class TopRecords {
  private records: UsageRecord[] = [];

  constructor(
    private readonly count: number,
    private readonly compare: (a: UsageRecord, b: UsageRecord) => number,
  ) {}

  /** The last of the kept records, once there are as many as wanted. */
  async last(): Promise<UsageRecord | undefined> {
    return this.records.length < this.count ? undefined : (await this.sorted()).at(-1);
  }

  async add(record: UsageRecord): Promise<void> {
    if (this.records.push(record) >= 2 * this.count + 1000) await this.sorted();
  }

  async sorted(): Promise<UsageRecord[]> {
    this.records = await sortInSlices(this.records, this.compare, this.count);
    return this.records;
  }
}
