import type { UsageRecord } from '../../record/index.js';
import type { SummaryPeriod, UsageSums } from '../../summary/index.js';
import type { UsageSubject } from '../contract/usage-subject.js';
import { parsePruneBounds } from './parse-prune-bounds.js';
import {
  parseDateRange,
  parseSumQuery,
  parseUsageFilter,
  parseUsageQuery,
  type ParsedFilter,
  type ParsedSumQuery,
  type ParsedUsageQuery,
} from './parse-usage-query.js';
import type { PruneBounds, PruneCounts } from '../contract/prune.js';
import type { SummaryDifference } from '../contract/summary-difference.js';
import type { DateRange, SumQuery, UsageFilter, UsageQuery } from '../contract/usage-query.js';
import { parseSubject, type ParsedSubject } from './parse-subject.js';

/** What an open storage consists of, beside its connection and what writes. */
export interface OpenedStorageParts {
  readonly reader: {
    page(query: ParsedUsageQuery): Promise<UsageRecord[]>;
    count(filter: ParsedFilter): Promise<number>;
    stream(filter: ParsedFilter): AsyncIterable<UsageRecord>;
  };
  readonly sums: { getSum(dimension: string, query: ParsedSumQuery): Promise<UsageSums> };
  readonly keeper: {
    rebuild(start: Date | null, end: Date | null): Promise<void>;
    verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]>;
    /** @returns How many rows were deleted. */
    prune(period: SummaryPeriod, before: number): Promise<number>;
  };
  readonly forgetter: { forget(subject: ParsedSubject): Promise<number> };
}

/** What Redis and CouchDB extend until their parts have the names that `BaseStorage` knows. */
export abstract class OpenedStorage<Parts extends OpenedStorageParts> {
  abstract readonly name: string;
  /** Null while the storage is not open. */
  protected opened: Parts | null = null;

  /** @returns How many records from before an instant were deleted. */
  protected abstract pruneRecords(parts: Parts, before: number): Promise<number>;

  async getUsage(query?: UsageQuery): Promise<UsageRecord[]> {
    const parsed = parseUsageQuery(query);
    return this.use().reader.page(parsed);
  }

  async countUsage(filter?: UsageFilter): Promise<number> {
    const parsed = parseUsageFilter(filter);
    return this.use().reader.count(parsed);
  }

  async *streamUsage(filter?: UsageFilter): AsyncGenerator<UsageRecord, void, undefined> {
    const parsed = parseUsageFilter(filter);
    yield* this.use().reader.stream(parsed);
  }

  async getSum(dimension: string, query?: SumQuery): Promise<UsageSums> {
    const parsed = parseSumQuery(query);
    return this.use().sums.getSum(dimension, parsed);
  }

  async rebuildSummaries(range?: DateRange): Promise<void> {
    const { start, end } = parseDateRange(range);
    await this.use().keeper.rebuild(start, end);
  }

  async verifySummaries(range?: DateRange): Promise<SummaryDifference[]> {
    const { start, end } = parseDateRange(range);
    return this.use().keeper.verify(start, end);
  }

  async prune(before: PruneBounds): Promise<PruneCounts> {
    const { records, ...periods } = parsePruneBounds(before);
    const parts = this.use();
    const pruned = async (period: SummaryPeriod) =>
      periods[period] === null ? 0 : parts.keeper.prune(period, periods[period]);
    return {
      records: records === null ? 0 : await this.pruneRecords(parts, records),
      hour: await pruned('hour'),
      day: await pruned('day'),
      month: await pruned('month'),
    };
  }

  async forget(subject: UsageSubject): Promise<number> {
    const parsed = parseSubject(subject, `${this.name}.forget()`);
    return this.use().forgetter.forget(parsed);
  }

  /** @throws {Error} if the storage is not open. */
  protected use(): Parts {
    if (this.opened) return this.opened;
    throw new Error(`The storage ${this.name} is not open.`);
  }
}
