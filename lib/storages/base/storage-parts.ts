import type { UsageRecord } from '../../record/index.js';
import type { BucketRange, Summarizer, SummaryPeriod, UsageSum } from '../../summary/index.js';
import type { SummaryDifference } from '../contract/maintenance.js';
import type { NamedValues } from './named-values.js';
import type { ParsedFilter, ParsedSumQuery, ParsedUsageQuery } from './parse-usage-query.js';
import type { ParsedSubject } from './parse-subject.js';

/** One page of a summary's rows in one period. */
export interface SumPageQuery extends Pick<ParsedSumQuery, 'limit' | 'offset' | 'order'> {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  readonly range: BucketRange;
  /** The only key to report, as it is stored. Null: all keys. */
  readonly key: string | null;
}

/** The parts of an open storage. Each part gets checked arguments. */
export interface BaseStorageParts {
  /** The kept summaries, and the calendar that cuts their buckets. */
  readonly summarizer: Pick<Summarizer, 'calendar' | 'dimensions'>;
  readonly writer: {
    /** Stores records with distinct ids, and adds them to the sums. Does not wait for `ready`. */
    store(records: readonly UsageRecord[]): Promise<void>;
  };
  readonly reader: {
    page(query: ParsedUsageQuery): Promise<UsageRecord[]>;
    count(filter: ParsedFilter): Promise<number>;
    stream(filter: ParsedFilter): AsyncIterable<UsageRecord>;
  };
  readonly sums: {
    /** Whether the pages of the three periods are read one after the other instead of at once. */
    readonly isSequential?: boolean;
    page(query: SumPageQuery): Promise<UsageSum[]>;
  };
  readonly maintenance: {
    rebuild(start: Date | null, end: Date | null): Promise<void>;
    verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]>;
  };
  /** Deletes the oldest data first. The pruned watermark has already been raised. */
  readonly pruner: {
    /** @returns The number of deleted records from before the instant. */
    pruneRecords(before: number): Promise<number>;
    /** @returns The number of deleted rows, of buckets that begin before the instant. */
    pruneSums(period: SummaryPeriod, before: number): Promise<number>;
  };
  readonly eraser: {
    /** @returns The number of the subject's deleted records. */
    forget(subject: ParsedSubject): Promise<number>;
  };
  readonly values: NamedValues;
  /**
   * Resolves when a storage that connects lazily is usable. Tries again if an earlier call failed.
   */
  ready?(): Promise<void>;
  close(): Promise<void>;
}
