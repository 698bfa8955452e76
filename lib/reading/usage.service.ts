import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { UsageSummaryEvent } from '../events/usage-events.js';
import type { UsageRecord } from '../record/index.js';
import type { PruneResult, PruneBounds } from '../storages/contract/prune.js';
import { parsePruneBounds } from '../storages/base/parse-prune-bounds.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import type { UsageSubject } from '../storages/contract/usage-subject.js';
import { UsageReader, type ForgetResult } from './usage-reader.js';
import { UsageSource, type UsageStats } from './usage-source.js';
import { forgetEverywhere } from './forget-everywhere.js';
import { parseSubject } from '../storages/base/parse-subject.js';

/**
 * Answers questions about the usage, from the first storage that can be read.
 *
 * @publicApi
 */
@Injectable()
export class UsageService extends UsageReader {
  /**
   * Each record once, after the first of its storages has stored it. What a subscriber throws is
   * reported by RxJS as an uncaught exception, and harms no record.
   */
  readonly records$: Observable<UsageRecord>;
  /**
   * What each stored batch added to each row of the summaries. What a subscriber throws is reported
   * by RxJS as an uncaught exception, and harms no record.
   */
  readonly summaries$: Observable<UsageSummaryEvent>;

  constructor(private readonly source: UsageSource) {
    super(firstReadable(source.storages));
    this.records$ = source.records.asObservable();
    this.summaries$ = source.summaries.asObservable();
  }

  /** The same questions, answered by the storage of that name. */
  from(storageName: string): UsageReader {
    const { storages } = this.source;
    const storage = storages.find(({ name }) => name === storageName);
    if (storage === undefined)
      throw new Error(
        `usage.from(): there is no storage named '${storageName}'; there are ${storages.map(({ name }) => `'${name}'`).join(', ')}.`,
      );
    return new UsageReader(storage);
  }

  /**
   * Resolves to true when all requests that were answered before the call are recorded, and their
   * records are stored or dropped, to false when the time ran out first. A response whose last byte
   * has not left yet is waited for.
   *
   * @param options.timeout Milliseconds; default: the option `shutdownTimeout`.
   */
  async flush(options: { timeout?: number } = {}): Promise<boolean> {
    return this.source.flush(options.timeout);
  }

  /**
   * Deletes old records and rows on every storage that can, the oldest first, in small batches.
   *
   * @param before Default: what the option `retention` says.
   * @returns What was deleted, by the storage's name.
   * @throws {UsageQueryError} for an unknown field or an invalid date.
   */
  async prune(before?: PruneBounds): Promise<PruneResult> {
    if (before !== undefined) parsePruneBounds(before);
    return this.source.prune(before);
  }

  /**
   * Deletes all records of one subject on every storage that can, those that still wait included,
   * and takes what they added out of the sums. Where older records have been pruned, what is left
   * of the subject in sums goes into `(other)`. A storage that the result does not name cannot
   * forget.
   *
   * @param subject One of `{ visitorId }`, `{ username }` and `{ remoteAddr }`, as it is stored.
   * @throws {TypeError} for no subject, more than one, or a value that is not text.
   * @throws {AggregateError} if a storage failed, or records still wait for one that is down: it is
   * done on the others, and may be run again.
   */
  override async forget(subject: UsageSubject): Promise<ForgetResult> {
    parseSubject(subject, 'usage.forget()');
    return forgetEverywhere(this.source.storages, () => this.source.flushCaptured(), subject);
  }

  /** What has become of the records, storage by storage. */
  stats(): UsageStats {
    return this.source.stats();
  }
}

function firstReadable(storages: readonly UsageStorage[]): UsageStorage {
  const readable =
    storages.find((storage) => typeof storage.getUsage === 'function') ?? storages[0];
  if (readable === undefined) throw new Error('TrackUsageModule has no storage.');
  return readable;
}
