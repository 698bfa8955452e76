import type { UsageRecord } from '../../record/index.js';
import type { BucketRange, Summarizer, SummaryPeriod, UsageSum } from '../../summary/index.js';
import type { SummaryDifference } from '../contract/summary-difference.js';
import type { NamedValues } from './named-values.js';
import type { ParsedFilter, ParsedSumQuery, ParsedUsageQuery } from './parse-usage-query.js';
import type { ParsedSubject } from './parse-subject.js';

/** One page of the rows of a summary in one period. */
export interface SumPageQuery extends Pick<ParsedSumQuery, 'limit' | 'offset' | 'order'> {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  readonly range: BucketRange;
  /** The one key to report, as it is stored; null for every key. */
  readonly key: string | null;
}

/** What an open storage consists of. Each part gets arguments that have been checked. */
export interface BaseStorageParts {
  /** Which summaries are kept, and the calendar that cuts their buckets. */
  readonly summarizer: Pick<Summarizer, 'calendar' | 'dimensions'>;
  readonly writer: {
    /** Stores records with distinct ids, and their sums. Does not wait for `ready`. */
    store(records: readonly UsageRecord[]): Promise<void>;
  };
  readonly reader: {
    page(query: ParsedUsageQuery): Promise<UsageRecord[]>;
    count(filter: ParsedFilter): Promise<number>;
    stream(filter: ParsedFilter): AsyncIterable<UsageRecord>;
  };
  readonly sums: {
    /** Whether the pages of the three periods are read one after the other, not at once. */
    readonly isSequential?: boolean;
    page(query: SumPageQuery): Promise<UsageSum[]>;
  };
  readonly maintenance: {
    rebuild(start: Date | null, end: Date | null): Promise<void>;
    verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]>;
  };
  /** Deletes the oldest data first; the pruned watermark is noted before. */
  readonly pruner: {
    /** @returns How many records from before an instant were deleted. */
    pruneRecords(before: number): Promise<number>;
    /** @returns How many rows of buckets that begin before an instant were deleted. */
    pruneSums(period: SummaryPeriod, before: number): Promise<number>;
  };
  readonly eraser: {
    /** @returns How many records of the subject were deleted. */
    forget(subject: ParsedSubject): Promise<number>;
  };
  readonly values: NamedValues;
  /** Resolves when a storage that opens lazily can be used; tries again if it could not before. */
  ready?(): Promise<void>;
  close(): Promise<void>;
}
