import type { UsageRecord } from '../../record/index.js';
import type {
  BucketRange,
  BucketsBefore,
  MeasureName,
  Measures,
  OnSlot,
  Summarizer,
  SummaryPeriod,
  UsageSum,
} from '../../summary/index.js';
import type { SummaryDifference } from '../contract/maintenance.js';
import type { MigrationStep } from './migration-step.js';
import type { NamedValues } from './named-values.js';
import type { Cancellation } from './query/cancellation.js';
import type { ParsedFilter, ParsedSumQuery, ParsedUsageQuery } from './parse-usage-query.js';
import type { ParsedSubject } from './parse-subject.js';
import type { AggregateQuery, RecordAggregate } from './report/record-aggregate.js';

/** One page of a summary's rows in one period. */
export interface SumPageQuery
  extends Pick<ParsedSumQuery, 'limit' | 'offset' | 'order'>, Cancellation {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  readonly range: BucketRange;
  /** The only key to report, as it is stored. Null: all keys. */
  readonly key: string | null;
}

/** Some buckets of one summary in one period. */
export interface SumRangeQuery extends Cancellation {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  readonly range: BucketRange;
}

/** Some buckets of several summaries in one period. */
export interface SumsRangeQuery extends Omit<SumRangeQuery, 'dimension'> {
  readonly dimensions: readonly string[];
}

/** What all rows of a bucket count together. */
export interface BucketTotal {
  /** First instant of the bucket, in milliseconds since the epoch. */
  readonly bucket: number;
  readonly hits: number;
  /** The hits for which the measures of format 2 are known. */
  readonly measured: number;
}

/** A bucket in which version 0.1.0 has counted. */
export interface UnmeasuredBucket {
  readonly dimension: string;
  readonly bucket: number;
  /** The hits of all rows, less those for which the measures of format 2 are known. */
  readonly more: number;
}

/** The rows of one summary in some ranges of buckets of one period. */
export interface SumScanQuery extends Cancellation {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  /** They do not overlap. */
  readonly ranges: readonly BucketRange[];
  /** Whether to read the latency counts, which are the larger part of a row. */
  readonly withLatency: boolean;
  /**
   * The measures that are wanted besides `hits` and the instants. A storage may leave out others,
   * which then count 0.
   * @default all
   */
  readonly measures?: ReadonlySet<MeasureName>;
  /**
   * Whether rows of one key may be added up, those of different buckets too. A database that can
   * then does. `bucket` is any instant of them, and the instants of rows that are not measured are
   * those of their buckets.
   * @default false
   */
  readonly mergesBuckets?: boolean;
  /**
   * The only keys whose rows are read, a hundred at most.
   * @default all
   */
  readonly keys?: readonly string[] | null;
  /**
   * Whether rows tell the hits of all records in these buckets, too. Only of a storage that
   * `tellsTotal`, and not with `keys`.
   * @default false
   */
  readonly withTotal?: boolean;
}

/** A stored row, in a form that is quick to merge with others. */
export interface ScannedSum {
  /** First instant of the bucket, in milliseconds since the epoch; see `mergesBuckets`. */
  readonly bucket: number;
  /** The key as it is stored: `(none)` and `(other)` are the missing and the folded keys. */
  readonly key: string;
  /** The measures of format 2 are known only if `isMeasured` says so. */
  readonly counts: Measures;
  /**
   * With `withTotal`: a part of the hits of all records. Those of all rows together count as of the
   * moment at which the rows were read. A row may have no hits of its own.
   */
  readonly total?: number;
  /**
   * Passes each latency slot and its count to `onSlot`, of merged rows maybe in several parts. Passes
   * none if they were not read.
   */
  eachSlot(onSlot: OnSlot): void;
}

/** Stored rows, in parts. */
export type ScannedSums = AsyncGenerator<readonly ScannedSum[], void, undefined>;

/** What a database says of its size and its settings. */
export interface StorageHealth {
  /** The bytes that the data takes; null if the database does not say. */
  readonly bytes: number | null;
  /** Settings that are known to hurt, each a sentence with what to do. */
  readonly faults: readonly string[];
}

/** The parts of an open storage. Each part gets checked arguments. */
export interface BaseStorageParts {
  /** The kept summaries, and the calendar that cuts their buckets. */
  readonly summarizer: Pick<
    Summarizer,
    'calendar' | 'dimensions' | 'summaries' | 'hooks' | 'countsRecords'
  > & {
    /** The buckets whose keys of persons count under `(other)`. Null: none. */
    foldedBefore?: BucketsBefore | null;
  };
  readonly writer: {
    /** Stores records with distinct ids, and adds them to the sums. Does not wait for `ready`. */
    store(records: readonly UsageRecord[]): Promise<void>;
  };
  readonly reader: {
    page(query: ParsedUsageQuery): Promise<UsageRecord[]>;
    count(filter: ParsedFilter): Promise<number>;
    stream(filter: ParsedFilter): AsyncIterable<UsageRecord>;
    /**
     * The date of the newest record, in milliseconds since the epoch; null if there are none. Where
     * a page of one record takes longer.
     */
    newest?(signal: AbortSignal | null): Promise<number | null>;
    /**
     * Adds records up where they are stored. Yields what is alike in parts, and may yield it in
     * several. Null if the database cannot say a dimension or a condition of the question exactly.
     */
    aggregate?(query: AggregateQuery): AsyncIterable<readonly RecordAggregate[]> | null;
  };
  readonly sums: {
    /** Whether the pages of the three periods are read one after the other instead of at once. */
    readonly isSequential?: boolean;
    /**
     * Whether rows of days and months are made of those of hours when they are read, so that hours
     * answer any span at once.
     */
    readonly isMadeOfHours?: boolean;
    /**
     * When reports read all rows without latency, and then that of the keys that they show: it has to
     * take less than reading all of it at once. `filtered`: where a filter leaves keys out.
     * @default 'filtered'
     */
    readonly readsLatencyLate?: 'always' | 'filtered' | 'never';
    /** Whether a scan can tell the hits of all records, so that nobody need ask for them. */
    readonly tellsTotal?: boolean;
    /** The same for one report: what is stored after it has begun need not count. */
    forReport?(): BaseStorageParts['sums'];
    /** Begins what each reading of the report needs. Others may be asked meanwhile. */
    expectReadings?(): void;
    /** The dimensions of all stored sums, where the eraser does not say so. */
    storedDimensions?(): Promise<readonly string[]>;
    /** The newest bucket of a dimension, where adding up is no quick way to find it. */
    newestBucket?(dimension: string, period: SummaryPeriod): Promise<number | null>;
    /** The oldest bucket of any period that has rows, where adding up is no quick way to find it. */
    oldestBucket?(query: Pick<SumRangeQuery, 'dimension' | 'signal'>): Promise<number | null>;
    page(query: SumPageQuery): Promise<UsageSum[]>;
    /** Adds up the rows of each bucket that has some. In no particular order. */
    totals(query: SumRangeQuery): Promise<BucketTotal[]>;
    /**
     * The totals of several summaries, in the order of their dimensions, as of one moment: a record
     * that is stored meanwhile counts in each of them or in none. Absent: they are read one after
     * the other.
     */
    totalsAtOnce?(query: SumsRangeQuery): Promise<BucketTotal[][]>;
    /**
     * The buckets of some summaries in which `hits` and `measured` differ in all. Absent: they are
     * found by the totals of each.
     */
    unmeasured?(query: SumsRangeQuery): Promise<UnmeasuredBucket[]>;
    /**
     * Yields rows in parts, in no particular order. A row that is written meanwhile may be left
     * out, and none comes twice. Between two parts, other code has its turn.
     */
    scan(query: SumScanQuery): AsyncIterable<readonly ScannedSum[]>;
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
    /**
     * Deletes some hundred records, and leaves the sums as they are, unless they are made of the
     * records.
     *
     * @returns The number of deleted records.
     */
    deleteRecords?(records: readonly UsageRecord[]): Promise<number>;
  };
  readonly eraser: {
    /** The dimensions of all stored sums, those of summaries that are not kept included. */
    dimensions?(): Promise<readonly string[]>;
    /** @returns The number of the subject's deleted records. */
    forget(subject: ParsedSubject): Promise<number>;
    /**
     * Adds the rows of named keys to the `(other)` row of their buckets, and deletes them.
     *
     * @param before Of the buckets that begin before this instant.
     * @returns The number of folded rows.
     */
    foldKeys?(dimension: string, period: SummaryPeriod, before: number): Promise<number>;
    /** Whether sums are made of the stored records: then those of all summaries are corrected. */
    readonly correctsAll?: boolean;
  };
  readonly values: NamedValues;
  /** What the database says of itself. */
  readonly health?: {
    /** The bytes that the data takes; null if the database does not say. */
    bytes(): Promise<number | null>;
    /** Settings that are known to hurt, each a sentence with what to do. */
    faults(): Promise<readonly string[]>;
    /** Indexes and the like that are missing. */
    missing(): Promise<readonly MigrationStep[]>;
  };
  /**
   * Resolves when a storage that connects lazily is usable. Tries again if an earlier call failed.
   */
  ready?(): Promise<void>;
  /** Resolves when indexes that are made after the opening are there. */
  migrated?(): Promise<void>;
  close(): Promise<void>;
}
