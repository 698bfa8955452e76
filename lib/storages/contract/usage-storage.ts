import type { LoggerService, Type } from '@nestjs/common';
import type { DateRange, SumQuery, UsageFilter, UsageQuery } from './usage-query.js';
import type { DeliveryOptions } from './delivery-options.js';
import type { PruneBounds, PruneCounts } from './prune.js';
import type { SummaryDifference } from './summary-difference.js';
import type { SummaryHook } from '../../summary/summary-hook.js';
import type { UsageRecord } from '../../record/index.js';
import type { UsageSubject } from './usage-subject.js';
import type { UsageSums } from '../../summary/usage-sum.js';

/** Token of the first storage; `getUsageStorageToken(name)` makes those of the others. */
export const UsageStorage = Symbol('UsageStorage');

/**
 * What a storage is. Only `name` and `store` are needed; each other method that it has is used.
 *
 * @example
 * const storage = { name: 'queue', store: (records) => producer.send(records) };
 *
 * @publicApi
 */
export interface UsageStorage {
  /** Unique among the storages of an application. */
  readonly name: string;
  /** Its hooks and its own values for the delivery options. */
  readonly options?: StorageOptions;
  /**
   * Stores a batch, together with what it adds to the summaries. Idempotent by `record.id`: a
   * batch that is sent again, whole or in part, changes nothing, sums included. One call at a
   * time. Rejects if nothing, or not all, was stored.
   */
  store(records: readonly UsageRecord[]): Promise<void>;
  /**
   * Stores a batch like `store`, but synchronously. Called when the process ends and nothing can be
   * awaited; nothing is called after it. Throws if it cannot store.
   */
  storeSync?(records: readonly UsageRecord[]): void;
  /** Called once before anything else. Rejecting stops the start of the application. */
  open?(context: UsageStorageContext): Promise<void>;
  /** Called once at shutdown, after the last batch. */
  close?(): Promise<void>;
  /** One page of records, newest first, ties by `id` descending. */
  getUsage?(query?: UsageQuery): Promise<UsageRecord[]>;
  /** How many records match. */
  countUsage?(filter?: UsageFilter): Promise<number>;
  /** All records that match in the order of `getUsage`, read by key as they are consumed. */
  streamUsage?(filter?: UsageFilter): AsyncIterable<UsageRecord>;
  /** The sums of one dimension. Rejects with `SummaryNotKeptError` if no hook keeps it. */
  getSum?(dimension: string, query?: SumQuery): Promise<UsageSums>;
  /** Rebuilds the sums of the buckets that overlap `range` from the records. */
  rebuildSummaries?(range?: DateRange): Promise<void>;
  /** Compares the sums of the buckets that overlap `range` with the records. */
  verifySummaries?(range?: DateRange): Promise<SummaryDifference[]>;
  /** Deletes records and buckets from before the given dates, the oldest first. */
  prune?(before: PruneBounds): Promise<PruneCounts>;
  /**
   * Deletes all records of a subject, and what they added to the sums, which equal the records
   * again. Rows of the subject's key whose records have been pruned are folded into `(other)`.
   * Resolves to the number of records.
   */
  forget?(subject: UsageSubject): Promise<number>;
  /**
   * The salt of daily visitors for a day (`2026-11-23`): the stored one, or else `proposed`, which
   * is stored. Processes that ask at once all get the same.
   */
  dailySalt?(day: string, proposed: string): Promise<string>;
  /** Deletes the salts of the days before `before`. */
  forgetDailySalts?(before: string): Promise<void>;
}

/** What becomes of sums that are cut in another zone than the one that is configured. */
export type OnTimeZoneChange = 'refuse' | 'rebuild';

/** What the module tells a storage when it opens it. */
export interface UsageStorageContext {
  readonly logger: LoggerService;
  /** The summaries to keep: those among the storage's hooks, each once. */
  readonly summaries: readonly SummaryHook[];
  /** IANA name of the zone in which buckets are cut. */
  readonly timeZone: string;
  /**
   * What becomes of sums that are cut in another zone, where the storage finds such when it is
   * opened: `'refuse'` rejects, `'rebuild'` rebuilds them from the records.
   * @default 'refuse'
   */
  readonly onTimeZoneChange?: OnTimeZoneChange | undefined;
  /** Distinct keys for each dimension and bucket. */
  readonly maxKeys: number;
}

/**
 * What every storage and writer takes beside options of its own.
 *
 * @publicApi
 */
export interface StorageOptions extends DeliveryOptions {
  /**
   * Unique among the storages of an application.
   * @default the kind, such as `sql`
   */
  name?: string;
  /**
   * Called once for each stored record, in order; summaries among them are kept with the records.
   * @default none
   */
  hooks?: readonly UsageHook[];
  /**
   * Distinct keys for each dimension and bucket; the rest counts under `(other)`.
   * @default the module's `maxKeys`
   */
  maxKeys?: number;
}

/**
 * Called once for each stored record, in order. What it throws is logged and counted, and harms
 * nothing else. A promise is not waited for.
 *
 * @publicApi
 */
export type UsageHookFunction = (
  record: UsageRecord,
  storage: UsageStorage,
) => void | Promise<void>;

/**
 * A hook as an object, or as the instances of an injectable class.
 *
 * @publicApi
 */
export interface UsageHookHandler {
  onRecord: UsageHookFunction;
}

/**
 * What `hooks` takes: functions, objects and injectable classes with `onRecord`, summaries such
 * as `sumUrls`, and groups of hooks such as `sumBasic`.
 *
 * @publicApi
 */
export type UsageHook =
  | UsageHookFunction
  | UsageHookHandler
  | Type<UsageHookHandler>
  | SummaryHook
  | readonly UsageHook[];
