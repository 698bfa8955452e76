import {
  AS_IS,
  toMicroseconds,
  toRecord,
  type UsageRecord,
  type ValueMapper,
} from '../../record/index.js';
import { Slice } from '../../support/slice.js';
import type { ParsedFilter, ParsedUsageQuery } from '../base/parse-usage-query.js';
import type { ParsedSubject } from '../base/parse-subject.js';
import { matches } from '../base/query/matches.js';
import { beyond, pageOf } from '../base/query/page-of.js';
import { comesAfter, NEWEST_FIRST } from '../base/query/record-order.js';
import { OrderedRecords } from './ordered-records.js';

/** Keeps the records of a storage in this process. Reads them in slices of the event loop. */
export class MemoryRecords {
  private readonly ids = new Set<string>();
  private readonly ordered = new OrderedRecords();

  /** Returns copies of the records that are not stored yet. */
  freshOf(records: readonly UsageRecord[]): UsageRecord[] {
    return records.filter(({ id }) => !this.ids.has(id)).map(copyOfRecord);
  }

  add(records: readonly UsageRecord[]): void {
    for (const { id } of records) this.ids.add(id);
    this.ordered.add(records);
  }

  async page(query: ParsedUsageQuery): Promise<UsageRecord[]> {
    const { order = NEWEST_FIRST } = query;
    const isOldestFirst = order.field === 'date' && !order.isDescending;
    if (!isOldestFirst) return pageOf(query, (filter) => this.stream(filter));
    const { limit, offset, after, ...filter } = query;
    const isNext = after ? comesAfter(after, order) : () => true;
    const from = after ? beyond(filter, after.date, false) : filter;
    const records: UsageRecord[] = [];
    let skip = offset;
    for await (const record of this.matching(from, true)) {
      if (!isNext(record) || skip-- > 0) continue;
      if (records.push(copyOfRecord(record)) === limit) break;
    }
    return records;
  }

  async count(filter: ParsedFilter): Promise<number> {
    if (filter.where.length === 0) {
      const records = await this.ordered.read();
      const [from, to] = placesOf(records, filter);
      return to - from;
    }
    let count = 0;
    for await (const _ of this.matching(filter)) count++;
    return count;
  }

  async *stream(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined> {
    for await (const record of this.matching(filter)) yield copyOfRecord(record);
  }

  oldestFirst(): UsageRecord[] {
    return this.ordered.readNow().toReversed();
  }

  /** @returns The number of deleted records. */
  deleteBefore(instant: number): number {
    return this.delete(({ date }) => date.getTime() < instant).length;
  }

  /** @returns The deleted records, newest first. */
  deleteBeyond(maxRecords: number): UsageRecord[] {
    return this.ids.size > maxRecords ? this.delete((_, index) => index >= maxRecords) : [];
  }

  /** @returns The deleted records, newest first. */
  deleteOf({ field, value }: ParsedSubject): UsageRecord[] {
    return this.delete((record) => record[field] === value);
  }

  /** @returns The number of deleted records. */
  deleteByIds(records: readonly UsageRecord[]): number {
    const ids = new Set(records.map(({ id }) => id));
    return this.delete(({ id }) => ids.has(id)).length;
  }

  private delete(isGone: (record: UsageRecord, index: number) => boolean): UsageRecord[] {
    const gone = this.ordered.remove(isGone);
    for (const { id } of gone) this.ids.delete(id);
    return gone;
  }

  /** Yields the records themselves, not copies. Those that are deleted meanwhile are left out. */
  private async *matching(
    filter: ParsedFilter,
    isOldestFirst = false,
  ): AsyncGenerator<UsageRecord, void, undefined> {
    const isMatch = matches(filter.where);
    const records = await this.ordered.read();
    const [from, to] = placesOf(records, filter);
    const slice = new Slice();
    for (let count = 0; count < to - from; count++) {
      const record = records[isOldestFirst ? to - 1 - count : from + count]!;
      if (isMatch(record) && this.ids.has(record.id)) yield record;
      if (!slice.isOver) continue;
      await slice.next();
      filter.signal?.throwIfAborted();
    }
  }
}

/** Where the records of a range begin and end in a list that has the newest first. */
function placesOf(
  records: readonly UsageRecord[],
  { start, end }: Pick<ParsedFilter, 'start' | 'end'>,
): [from: number, to: number] {
  const firstWhere = (isReached: (record: UsageRecord) => boolean) => {
    let [low, high] = [0, records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isReached(records[middle]!)) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const from = end ? firstWhere(({ date }) => date <= end) : 0;
  return [from, start ? firstWhere(({ date }) => date < start) : records.length];
}

const COPY: ValueMapper = {
  ...AS_IS,
  instant: (value) => new Date(value as Date),
  microseconds: toMicroseconds,
  json: (value) => (value === null ? null : (JSON.parse(JSON.stringify(value)) as unknown)),
};

/** Copies a record deeply, with the precision that every storage keeps. */
function copyOfRecord(record: UsageRecord): UsageRecord {
  return toRecord(record.id, record, record.userAgent, COPY);
}
