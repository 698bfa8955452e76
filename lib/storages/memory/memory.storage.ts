import type { UsageRecord } from '../../record/index.js';
import { parseUsageFilter, parseUsageQuery, type ParsedFilter } from '../parse-usage-query.js';
import type { StorageOptions } from '../storage-options.js';
import type { UsageFilter, UsageQuery } from '../usage-query.js';
import type { UsageStorage } from '../usage-storage.js';
import { compareText } from './compare-text.js';
import { copyOfRecord } from './copy-of-record.js';

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
  private newestFirst: UsageRecord[] | null = null;

  /** @throws {TypeError} if `maxRecords` is not a whole number from 1. */
  constructor(readonly options: MemoryStorageOptions = {}) {
    this.name = options.name ?? 'memory';
    this.maxRecords = options.maxRecords ?? Infinity;
    if (this.maxRecords !== Infinity && !(Number.isInteger(this.maxRecords) && this.maxRecords > 0))
      throw new TypeError(
        `MemoryStorage: maxRecords: expected a whole number from 1, but got ${String(options.maxRecords)}.`,
      );
  }

  async store(records: readonly UsageRecord[]): Promise<void> {
    for (const record of records)
      if (!this.records.has(record.id)) this.records.set(record.id, copyOfRecord(record));
    this.newestFirst = null;
    if (this.records.size > this.maxRecords)
      for (const { id } of this.sorted().splice(this.maxRecords)) this.records.delete(id);
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
      (a, b) => b.date.getTime() - a.date.getTime() || compareText(b.id, a.id),
    );
    return this.newestFirst;
  }
}
