import type { UsageRecord } from '../../record/index.js';
import { compareKeys, type SummaryPeriod, type UsageSums } from '../../summary/index.js';
import { parseSubject, type UsageSubject } from '../contract/usage-subject.js';
import { parsePruneBounds } from '../base/parse-prune-bounds.js';
import {
  parseDateRange,
  parseSumQuery,
  parseUsageFilter,
  parseUsageQuery,
  type ParsedFilter,
} from '../base/parse-usage-query.js';
import type { PruneBounds, PruneCounts } from '../contract/prune.js';
import type { SummaryDifference } from '../contract/summary-difference.js';
import type { StorageOptions } from '../contract/storage-options.js';
import type { DateRange, SumQuery, UsageFilter, UsageQuery } from '../contract/usage-query.js';
import type { UsageStorage, UsageStorageContext } from '../contract/usage-storage.js';
import { copyOfRecord } from './copy-of-record.js';
import { MemorySalts } from './memory-salts.js';
import { MemorySums } from './memory-sums.js';

/**
 * What `MemoryStorage` takes.
 *
 * @publicApi
 */
export interface MemoryStorageOptions extends StorageOptions {
  /**
   * Records that are kept; the oldest go first.
   * @default every record
   */
  maxRecords?: number;
}

/**
 * Keeps records in the process, for tests and trials.
 *
 * @publicApi
 */
export class MemoryStorage implements UsageStorage {
  readonly name: string;
  private readonly maxRecords: number;
  private records = new Map<string, UsageRecord>();
  private sums: MemorySums | null = null;
  private newestFirst: UsageRecord[] | null = null;
  private readonly salts = new MemorySalts();

  /** @throws {TypeError} if `maxRecords` is not a whole number from 1. */
  constructor(readonly options: MemoryStorageOptions = {}) {
    this.name = options.name ?? 'memory';
    this.maxRecords = options.maxRecords ?? Infinity;
    if (this.maxRecords !== Infinity && !(Number.isInteger(this.maxRecords) && this.maxRecords > 0))
      throw new TypeError(
        `MemoryStorage: maxRecords: expected a whole number from 1, but got ${String(options.maxRecords)}.`,
      );
  }

  async open(context: UsageStorageContext): Promise<void> {
    const maxKeys = this.options.maxKeys ?? context.maxKeys;
    const sums = new MemorySums(this.name, context, maxKeys, this.sums);
    await sums.settleZone(this.sorted().toReversed(), context.onTimeZoneChange);
    this.sums = sums;
  }

  async store(records: readonly UsageRecord[]): Promise<void> {
    const fresh = new Map<string, UsageRecord>();
    for (const record of records)
      if (!this.records.has(record.id)) fresh.set(record.id, copyOfRecord(record));
    // First what may throw: a batch is stored as a whole or not at all.
    this.sums?.add([...fresh.values()]);
    for (const [id, record] of fresh) this.records.set(id, record);
    this.newestFirst = null;
    if (this.records.size > this.maxRecords) {
      const outdated = this.sorted().splice(this.maxRecords);
      for (const { id } of outdated) this.records.delete(id);
      this.sums?.recordsPruned(outdated[0]!.date.getTime() + 1);
    }
  }

  async getUsage(query?: UsageQuery): Promise<UsageRecord[]> {
    const { limit, offset, ...filter } = parseUsageQuery(query);
    return this.matching(filter)
      .slice(offset, offset + limit)
      .map(copyOfRecord);
  }

  async countUsage(filter?: UsageFilter): Promise<number> {
    return this.matching(parseUsageFilter(filter)).length;
  }

  async *streamUsage(filter?: UsageFilter): AsyncGenerator<UsageRecord, void, undefined> {
    for (const record of this.matching(parseUsageFilter(filter))) yield copyOfRecord(record);
  }

  async getSum(dimension: string, query?: SumQuery): Promise<UsageSums> {
    return this.openSums().getSum(dimension, parseSumQuery(query));
  }

  async rebuildSummaries(range?: DateRange): Promise<void> {
    const { start, end } = parseDateRange(range);
    await this.openSums().rebuild(this.sorted().toReversed(), start, end);
  }

  async verifySummaries(range?: DateRange): Promise<SummaryDifference[]> {
    const { start, end } = parseDateRange(range);
    return this.openSums().verify(this.sorted().toReversed(), start, end);
  }

  async prune(before: PruneBounds): Promise<PruneCounts> {
    const bounds = parsePruneBounds(before);
    const sums = this.openSums();
    const pruned = (period: SummaryPeriod) =>
      bounds[period] === null ? 0 : sums.prune(period, bounds[period]);
    if (bounds.records !== null) sums.recordsPruned(bounds.records);
    const { size } = this.records;
    for (const { id, date } of this.records.values())
      if (bounds.records !== null && date.getTime() < bounds.records) this.records.delete(id);
    this.newestFirst = null;
    return {
      records: size - this.records.size,
      hour: pruned('hour'),
      day: pruned('day'),
      month: pruned('month'),
    };
  }

  async forget(subject: UsageSubject): Promise<number> {
    const parsed = parseSubject(subject, `${this.name}.forget()`);
    const { field, value } = parsed;
    const sums = this.openSums();
    const found = this.sorted().filter((record) => record[field] === value);
    for (const { id } of found) this.records.delete(id);
    this.newestFirst = null;
    sums.forget(parsed, found, this.sorted().toReversed());
    return found.length;
  }

  async dailySalt(day: string, proposed: string): Promise<string> {
    return this.salts.take(day, proposed);
  }

  async forgetDailySalts(before: string): Promise<void> {
    this.salts.forget(before);
  }

  private openSums(): MemorySums {
    if (this.sums) return this.sums;
    throw new Error(`The storage ${this.name} is not open.`);
  }

  private matching({ start, end, where }: ParsedFilter): UsageRecord[] {
    return this.sorted().filter(
      (record) =>
        (!start || record.date >= start) &&
        (!end || record.date <= end) &&
        where.every(([field, value]) => record[field] === value),
    );
  }

  private sorted(): UsageRecord[] {
    this.newestFirst ??= [...this.records.values()].sort(
      (a, b) => b.date.getTime() - a.date.getTime() || compareKeys(b.id, a.id),
    );
    return this.newestFirst;
  }
}
