import type { LoggerService, Type } from '@nestjs/common';
import type { StorageStats } from './storage-stats.js';
import type { DateRange, SumQuery, UsageFilter, UsageQuery } from './usage-query.js';
import type { DeliveryOptions } from './delivery-options.js';
import type { PruneBounds, PruneCounts, SummaryDifference, UsageSubject } from './maintenance.js';
import type { SummaryHook } from '../../summary/summary-hook.js';
import type { ReportQuery, UsageReport } from './usage-report.js';
import type { UsageRecord } from '../../record/index.js';
import type { NoteChange, NoteKind } from './usage-notes.js';
import type { SummaryPeriod, UsageSum, UsageSums } from '../../summary/usage-sum.js';

/**
 * Injection token of the first storage. `getUsageStorageToken(name)` returns the tokens of the
 * others.
 *
 * @example
 * export class Audit {
 *   constructor(\@Inject(UsageStorage) private readonly storage: UsageStorage) {}
 * }
 */
export const UsageStorage = Symbol('UsageStorage');

/**
 * A storage of usage records. Only `name` and `store` are required. Every other method is optional,
 * and is called if it is present.
 *
 * @example
 * const storage: UsageStorage = { name: 'queue', store: (records) => producer.send(records) };
 *
 * @publicApi
 */
export interface UsageStorage {
  /** Unique among the storages of an application. */
  readonly name: string;
  /** The storage's hooks, and its own values of the delivery options. */
  readonly options?: StorageOptions;
  /**
   * Stores a batch, and adds it to the summaries. Idempotent by `record.id`, which always has the
   * same `record.date`: a batch that is sent again, in whole or in part, changes neither records nor
   * sums. Called one at a time. Rejects if any record was not stored.
   */
  store(records: readonly UsageRecord[]): Promise<void>;
  /**
   * Stores a batch synchronously. Called when the process exits and nothing can be awaited; no
   * other method is called after it. Throws if it cannot store.
   */
  storeSync?(records: readonly UsageRecord[]): void;
  /** Called once, before any other method. If it rejects, the application does not start. */
  open?(context: UsageStorageContext): Promise<void>;
  /** Called once at shutdown, after the last batch. */
  close?(): Promise<void>;
  /**
   * Where the storage keeps its records: the server, the database and the tables, or the file.
   * Without credentials, and the same in each process. The journal sends what a process has left
   * only to a storage of the same name and place. Called once, after `open`.
   * @default no place: the name alone counts
   */
  place?(): string | null;
  /**
   * Whether `getUsage`, `countUsage`, `streamUsage` and `getSum` apply all of a query themselves. If
   * not, they get `startDate`, `endDate`, `limit` and `page` alone (`getSum` also `target` and
   * `order`), and the records that they return are filtered and ordered afterwards.
   * @default false
   */
  readonly appliesFilters?: boolean;
  /** Returns one page of records, newest first, ties by `id` descending. */
  getUsage?(query?: UsageQuery): Promise<UsageRecord[]>;
  /** Returns the number of matching records. */
  countUsage?(filter?: UsageFilter): Promise<number>;
  /**
   * Yields all matching records in the order of `getUsage`. Reads them by key as they are consumed.
   */
  streamUsage?(filter?: UsageFilter): AsyncIterable<UsageRecord>;
  /** Returns the sums of one dimension. Rejects with `SummaryNotKeptError` if no hook keeps it. */
  getSum?(dimension: string, query?: SumQuery): Promise<StoredSums>;
  /**
   * Answers a report. Without this method, the records that `getUsage` returns are counted, which
   * gives the same figures and takes longer.
   */
  report?(query?: ReportQuery): Promise<UsageReport>;
  /** Rebuilds the sums of the buckets that overlap `range` from the records. */
  rebuildSummaries?(range?: DateRange): Promise<void>;
  /** Compares the sums of the buckets that overlap `range` with the records. */
  verifySummaries?(range?: DateRange): Promise<SummaryDifference[]>;
  /** Deletes records and buckets from before the given dates, the oldest first. */
  prune?(before: PruneBounds): Promise<PruneCounts>;
  /**
   * Deletes all records of a subject, and what they added to the sums, so that the sums equal the
   * records again. Rows of the subject's key whose records have been pruned are folded into
   * `(other)`. Resolves to the number of deleted records.
   */
  forget?(subject: UsageSubject): Promise<number>;
  /**
   * Returns the salt of daily visitors for a day (`2026-11-23`): the stored one, or else
   * `proposed`, which is then stored. Processes that call it at once all get the same salt.
   */
  dailySalt?(day: string, proposed: string): Promise<string>;
  /** Deletes the salts of days before `before`. */
  forgetDailySalts?(before: string): Promise<void>;
  /** Returns all stored notes of a kind, by name. */
  readNotes?(kind: NoteKind): Promise<ReadonlyMap<string, string>>;
  /**
   * Changes one note. If several processes change it at once, each change is made to the text that
   * the one before it has stored.
   *
   * @param name At most 64 characters.
   */
  changeNote?(kind: NoteKind, name: string, change: NoteChange): Promise<void>;
}

/**
 * The sums that a storage returns. Without `truncated`, a list as long as the limit may be cut.
 *
 * @publicApi
 */
export type StoredSums = Record<SummaryPeriod, UsageSum[]> & Partial<Pick<UsageSums, 'truncated'>>;

/**
 * What to do with sums that another time zone than the configured one cuts: refuse to start, or
 * rebuild them.
 *
 * @publicApi
 */
export type OnTimeZoneChange = 'refuse' | 'rebuild';

/**
 * What the module passes to a storage when it opens it.
 *
 * @publicApi
 */
export interface UsageStorageContext {
  /** Logs under the name of the storage. */
  readonly logger: LoggerService;
  /** The summaries to keep: those among the storage's hooks, each once. */
  readonly summaries: readonly SummaryHook[];
  /** IANA name of the time zone that cuts the buckets. */
  readonly timeZone: string;
  /**
   * What happens if the storage, when opened, finds sums that another zone cuts: `'refuse'`
   * rejects, `'rebuild'` rebuilds them from the records.
   * @default 'refuse'
   */
  readonly onTimeZoneChange?: OnTimeZoneChange | undefined;
  /** The most distinct keys of each dimension and bucket. */
  readonly maxKeys: number;
  /**
   * Whether opening may change what is stored: the notes of format, time zone and complete sums, and
   * what another process has left unfinished. If false, it changes nothing.
   * @default true
   */
  readonly prepares?: boolean | undefined;
  /**
   * Whether opening may create and change tables, collections and indexes. If false, it rejects with
   * an `OutdatedFormatError` if the storage cannot be used as it is.
   * @default `prepares`
   */
  readonly migrates?: boolean | undefined;
  /**
   * Returns the counts of all storages of the application, by their names; none until the
   * application has started. Can be called at any time, also after the shutdown.
   */
  readonly stats?: (() => Readonly<Record<string, StorageStats>>) | undefined;
}

/** Whether a storage may create and change tables, collections and indexes when it opens. */
export function mayMigrate({
  prepares = true,
  migrates = prepares,
}: Pick<UsageStorageContext, 'prepares' | 'migrates'>): boolean {
  return migrates;
}

/**
 * The options that every storage and writer takes, beside its own.
 *
 * @publicApi
 */
export interface StorageOptions extends DeliveryOptions {
  /**
   * Name of the storage, unique in the application.
   * @default the kind of storage, such as `sql`
   */
  name?: string;
  /**
   * Functions, objects or injectable classes with `onRecord`, called once for each stored record, in
   * order; and summaries, whose sums are stored with the records.
   * @default none
   */
  hooks?: readonly UsageHook[];
  /**
   * The most distinct keys of each dimension and bucket. Further keys count under `(other)`.
   * @default the module's `maxKeys`
   */
  maxKeys?: number;
}

/**
 * Called once for each stored record, in order. Errors it throws are logged and counted, and have
 * no other effect. A returned promise is not awaited.
 *
 * @publicApi
 */
export type UsageHookFunction = (
  record: UsageRecord,
  storage: UsageStorage,
) => void | Promise<void>;

/**
 * An object with a hook, or an injectable class whose instances have one.
 *
 * @example
 * \@Injectable()
 * export class Alerts implements UsageHookHandler {
 *   onRecord(record: UsageRecord) {
 *     if (record.status >= 500) console.error(record.url);
 *   }
 * }
 *
 * @publicApi
 */
export interface UsageHookHandler {
  /** Called with each record that the storage has kept. What it throws is logged. */
  onRecord: UsageHookFunction;
}

/**
 * A value of the option `hooks`: a function, an object or an injectable class with `onRecord`, a
 * summary such as `sumUrls`, or a group of hooks such as `sumBasic`.
 *
 * @publicApi
 */
export type UsageHook =
  | UsageHookFunction
  | UsageHookHandler
  | Type<UsageHookHandler>
  | SummaryHook
  | readonly UsageHook[];
