import type { UsageRecord } from '../record/index.js';
import type { UsageSubject } from '../storages/contract/usage-subject.js';
import {
  parseDateRange,
  parseSumQuery,
  parseUsageFilter,
  parseUsageQuery,
} from '../storages/base/parse-usage-query.js';
import type { SummaryDifference } from '../storages/contract/summary-difference.js';
import { streamByPage } from '../storages/base/stream-by-page.js';
import type {
  DateRange,
  SumQuery,
  UsageFilter,
  UsageQuery,
} from '../storages/contract/usage-query.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { dimensionOf, type SummaryHook, type UsageSums } from '../summary/index.js';
import { parseSubject } from '../storages/base/parse-subject.js';

type OptionalMethod =
  'getUsage' | 'countUsage' | 'getSum' | 'rebuildSummaries' | 'verifySummaries' | 'forget';

/**
 * How many records were deleted, by the storage's name.
 *
 * @publicApi
 */
export type ForgetResult = Readonly<Record<string, number>>;

/**
 * Answers questions from one storage.
 *
 * @publicApi
 */
export class UsageReader {
  constructor(private readonly storage: UsageStorage) {}

  /**
   * One page of records, newest first, ties by `id` descending.
   *
   * @throws {UsageQueryError} for an unknown field or a value of the wrong kind.
   */
  async getUsage(query: UsageQuery = {}): Promise<UsageRecord[]> {
    parseUsageQuery(query);
    return this.requireMethod('getUsage').getUsage(query);
  }

  /**
   * All records that match, in the order of `getUsage`. They are read as they are consumed, so
   * that any number of them takes little memory.
   *
   * @throws {UsageQueryError} for an unknown field or a value of the wrong kind, at the call.
   */
  streamUsage(filter: UsageFilter = {}): AsyncIterable<UsageRecord> {
    parseUsageFilter(filter);
    if (this.storage.streamUsage) return this.storage.streamUsage(filter);
    const storage = this.requireMethod('getUsage');
    return streamByPage((query) => storage.getUsage(query), filter);
  }

  /**
   * How many records match.
   *
   * @throws {UsageQueryError} for an unknown field or a value of the wrong kind.
   */
  async countUsage(filter: UsageFilter = {}): Promise<number> {
    parseUsageFilter(filter);
    return this.requireMethod('countUsage').countUsage(filter);
  }

  /**
   * The sums of one dimension by hour, day and month.
   *
   * @param dimension A summary hook, or its name: `sumUrls` or `'url'`.
   * @throws {SummaryNotKeptError} if no hook of the storage keeps it.
   * @throws {UsageQueryError} for an unknown field or a value of the wrong kind.
   */
  async getSum(dimension: string | SummaryHook, query: SumQuery = {}): Promise<UsageSums> {
    parseSumQuery(query);
    return this.requireMethod('getSum').getSum(dimensionOf(dimension), query);
  }

  /**
   * Rebuilds the sums of all buckets that overlap `range` from the records.
   *
   * @throws {UsageQueryError} for an unknown field or a value of the wrong kind.
   */
  async rebuildSummaries(range: DateRange = {}): Promise<void> {
    parseDateRange(range);
    return this.requireMethod('rebuildSummaries').rebuildSummaries(range);
  }

  /**
   * Counts the records behind all buckets that overlap `range`, and resolves to the rows whose sums
   * say otherwise: none, if all is well.
   *
   * @throws {UsageQueryError} for an unknown field or a value of the wrong kind.
   */
  async verifySummaries(range: DateRange = {}): Promise<SummaryDifference[]> {
    parseDateRange(range);
    return this.requireMethod('verifySummaries').verifySummaries(range);
  }

  /**
   * All records of one subject, newest first, read as they are consumed.
   *
   * @param subject One of `{ visitorId }`, `{ username }` and `{ remoteAddr }`, as it is stored.
   * @throws {TypeError} for no subject, more than one, or a value that is not text, at the call.
   */
  export(subject: UsageSubject): AsyncIterable<UsageRecord> {
    const { field, value } = parseSubject(subject, 'usage.export()');
    return this.streamUsage({ where: { [field]: value } });
  }

  /**
   * Deletes all records of one subject that are stored, and takes what they added out of the sums.
   * Where older records have been pruned, what is left of the subject in sums goes into `(other)`.
   *
   * @param subject One of `{ visitorId }`, `{ username }` and `{ remoteAddr }`, as it is stored.
   * @throws {TypeError} for no subject, more than one, or a value that is not text.
   */
  async forget(subject: UsageSubject): Promise<ForgetResult> {
    parseSubject(subject, 'usage.forget()');
    return { [this.storage.name]: await this.requireMethod('forget').forget(subject) };
  }

  private requireMethod<Method extends OptionalMethod>(
    method: Method,
  ): UsageStorage & Required<Pick<UsageStorage, Method>> {
    const { storage } = this;
    if (typeof storage[method] !== 'function')
      throw new Error(
        `Storage '${storage.name}' does not support ${method}(). Give the module a storage that does, such as SqliteStorage, or ask another one with usage.from(name).`,
      );
    return storage as UsageStorage & Required<Pick<UsageStorage, Method>>;
  }
}
