import {
  AS_IS,
  toMicroseconds,
  toRecord,
  type UsageRecord,
  type ValueMapper,
} from '../../record/index.js';
import { compareKeys } from '../../summary/index.js';
import type { ParsedFilter, ParsedUsageQuery } from '../base/parse-usage-query.js';
import type { ParsedSubject } from '../base/parse-subject.js';
import { matches } from '../base/query/matches.js';
import {
  comesAfter,
  isNewestFirst,
  NEWEST_FIRST,
  recordComparer,
} from '../base/query/record-order.js';

/** Keeps the records of a storage in this process. */
export class MemoryRecords {
  private readonly byId = new Map<string, UsageRecord>();
  private newestFirst: UsageRecord[] | null = null;

  /** Returns copies of the records that are not stored yet. */
  freshOf(records: readonly UsageRecord[]): UsageRecord[] {
    return records.filter(({ id }) => !this.byId.has(id)).map(copyOfRecord);
  }

  add(records: readonly UsageRecord[]): void {
    for (const record of records) this.byId.set(record.id, record);
    this.newestFirst = null;
  }

  async page(query: ParsedUsageQuery): Promise<UsageRecord[]> {
    const { limit, offset, order = NEWEST_FIRST, after, ...filter } = query;
    const matching = this.matching(filter);
    const next = after ? matching.filter(comesAfter(after, order)) : matching;
    const ordered = isNewestFirst(order) ? next : next.sort(recordComparer(order));
    return ordered.slice(offset, offset + limit).map(copyOfRecord);
  }

  async count(filter: ParsedFilter): Promise<number> {
    return this.matching(filter).length;
  }

  async *stream(filter: ParsedFilter): AsyncGenerator<UsageRecord, void, undefined> {
    for (const record of this.matching(filter)) yield copyOfRecord(record);
  }

  oldestFirst(): UsageRecord[] {
    return this.sorted().toReversed();
  }

  /** @returns The number of deleted records. */
  deleteBefore(instant: number): number {
    return this.delete(this.sorted().filter(({ date }) => date.getTime() < instant)).length;
  }

  /** @returns The deleted records, newest first. */
  deleteBeyond(maxRecords: number): UsageRecord[] {
    return this.byId.size > maxRecords ? this.delete(this.sorted().slice(maxRecords)) : [];
  }

  /** @returns The deleted records, newest first. */
  deleteOf({ field, value }: ParsedSubject): UsageRecord[] {
    return this.delete(this.sorted().filter((record) => record[field] === value));
  }

  /** @returns The number of deleted records. */
  deleteByIds(records: readonly UsageRecord[]): number {
    return this.delete(records.filter(({ id }) => this.byId.has(id))).length;
  }

  private delete(records: UsageRecord[]): UsageRecord[] {
    for (const { id } of records) this.byId.delete(id);
    this.newestFirst = null;
    return records;
  }

  private matching({ start, end, where }: ParsedFilter): UsageRecord[] {
    const isMatch = matches(where);
    return this.sorted().filter(
      (record) =>
        (!start || record.date >= start) && (!end || record.date <= end) && isMatch(record),
    );
  }

  private sorted(): UsageRecord[] {
    this.newestFirst ??= [...this.byId.values()].sort(
      (a, b) => b.date.getTime() - a.date.getTime() || compareKeys(b.id, a.id),
    );
    return this.newestFirst;
  }
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
