import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { DeprecatedCallEvent } from '../events/deprecated-calls.js';
import type { UsageSummaryEvent } from '../events/usage-events.js';
import type { UsageRecord } from '../record/index.js';
import type { PruneBounds, PruneResult, UsageSubject } from '../storages/contract/maintenance.js';
import { parsePruneBounds } from '../storages/base/parse-prune-bounds.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { UsageReader, type ForgetResult } from './usage-reader.js';
import { UsageSource, type UsageStats } from './usage-source.js';
import { forgetEverywhere } from './forget-everywhere.js';
import { parseSubject } from '../storages/base/parse-subject.js';

/**
 * Reads records and sums from the first storage that supports reading, and controls delivery.
 *
 * @example
 * \@Controller('report')
 * export class ReportController {
 *   constructor(private readonly usage: UsageService) {}
 *
 *   \@Get()
 *   busiest() {
 *     return this.usage.report({ dimensions: ['route'], last: '7d', limit: 10 });
 *   }
 * }
 *
 * @publicApi
 */
@Injectable()
export class UsageService extends UsageReader {
  /**
   * Emits each record once, after the first of its storages has stored it. RxJS reports errors of
   * subscribers as uncaught exceptions; they do not affect records.
   *
   * @example
   * usage.records$.subscribe((record) => console.log(record.method, record.url));
   */
  readonly records$: Observable<UsageRecord>;
  /**
   * Emits what each stored batch added to each row of the summaries. RxJS reports errors of
   * subscribers as uncaught exceptions; they do not affect records.
   *
   * @example
   * usage.summaries$.subscribe(({ dimension, key, hits }) => console.log(dimension, key, hits));
   */
  readonly summaries$: Observable<UsageSummaryEvent>;

  /**
   * Emits the first call of each deprecated route by each consumer in a day, once in each process,
   * when its record is stored. RxJS reports errors of subscribers as uncaught exceptions; they do
   * not affect records.
   *
   * @example
   * usage.deprecated$.subscribe(({ route, consumer }) => console.log(route, consumer));
   */
  readonly deprecated$: Observable<DeprecatedCallEvent>;

  /** @internal */
  constructor(private readonly source: UsageSource) {
    super(firstReadable(source.storages), source.timeZone, () => source.routes());
    this.records$ = source.records.asObservable();
    this.summaries$ = source.summaries.asObservable();
    this.deprecated$ = source.deprecated.asObservable();
  }

  /**
   * Returns a reader for the storage of the given name.
   *
   * @throws {Error} if there is no storage of this name.
   *
   * @example
   * const archived = await usage.from('archive').countUsage();
   */
  from(storageName: string): UsageReader {
    const { storages } = this.source;
    const storage = storages.find(({ name }) => name === storageName);
    if (storage === undefined)
      throw new Error(
        `usage.from(): there is no storage named '${storageName}'; there are ${storages.map(({ name }) => `'${name}'`).join(', ')}.`,
      );
    return new UsageReader(storage, this.source.timeZone, () => this.source.routes());
  }

  /**
   * Waits until all requests answered before the call are recorded, and their records are stored or
   * dropped. Waits for responses whose last byte has not left yet. Resolves to true, or to false on
   * timeout.
   *
   * @param options.timeout Milliseconds; default: the option `shutdownTimeout`.
   *
   * @example
   * const isStored = await usage.flush({ timeout: 5000 });
   */
  async flush(options: { timeout?: number } = {}): Promise<boolean> {
    return this.source.flush(options.timeout);
  }

  /**
   * Deletes old records and rows from every storage that supports it, in small batches, the oldest
   * first.
   *
   * @param before Dates before which to delete; default: the ages of the option `retention`.
   * @returns The numbers of deleted records and rows, by the storage's name.
   * @throws {UsageQueryError} if a field is unknown or a date is invalid.
   *
   * @example
   * const deleted = await usage.prune({ records: new Date('2026-01-01') });
   */
  async prune(before?: PruneBounds): Promise<PruneResult> {
    if (before !== undefined) parsePruneBounds(before);
    return this.source.prune(before);
  }

  /**
   * Flushes pending records, then erases one subject from every storage that supports it: deletes
   * its records and subtracts them from the sums. If older records were pruned, moves the subject's
   * remaining sums into `(other)`. Storages without this feature are missing in the result.
   *
   * @param subject One of `{ visitorId }`, `{ username }`, `{ remoteAddr }` and `{ consumer }`, as it
   * is stored.
   * @throws {TypeError} if there is not exactly one subject or its value is not text.
   * @throws {Error} if no storage supports it.
   * @throws {AggregateError} if a storage failed, or records still wait for a storage that is down.
   * The other storages have erased the subject. The call may be repeated.
   *
   * @example
   * const deleted = await usage.forget({ username: 'ada' }); // { sql: 12 }
   */
  override async forget(subject: UsageSubject): Promise<ForgetResult> {
    parseSubject(subject, 'usage.forget()');
    const { storages, journal } = this.source;
    return forgetEverywhere(storages, () => this.source.flushCaptured(), subject, journal);
  }

  /**
   * Counts of stored, waiting and dropped records by storage, and of geography lookups.
   *
   * @example
   * const { waiting, dropped } = usage.stats().storages['sql']!;
   */
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
