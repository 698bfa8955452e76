import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { RequestCapture } from '../capture/index.js';
import type { StorageStats } from '../delivery/index.js';
import type { GeoIpStats } from '../enrichment/index.js';
import type { UsageSummaryEvent } from '../events/index.js';
import type { UsageRecord } from '../record/index.js';
import type { PruneResult } from '../retention/index.js';
import { parsePruneBounds } from '../storages/base/parse-prune-bounds.js';
import type { PruneBounds } from '../storages/contract/prune.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import type { UsageSubject } from '../storages/contract/usage-subject.js';
import { UsageReader, type ForgetResult } from './usage-reader.js';
import { UsagePipeline } from '../module/usage-pipeline.js';
import { forgetEverywhere } from './forget-everywhere.js';
import { parseSubject } from '../storages/base/parse-subject.js';

/**
 * The counts of delivery.
 *
 * @publicApi
 */
export interface UsageStats {
  /** By the storage's name. */
  readonly storages: Readonly<Record<string, StorageStats>>;
  /** Absent without the option `geoIp`. */
  readonly geoIp?: GeoIpStats;
}

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

  constructor(
    private readonly pipeline: UsagePipeline,
    private readonly capture: RequestCapture,
  ) {
    super(firstReadable(pipeline.storages));
    this.records$ = pipeline.events.records.asObservable();
    this.summaries$ = pipeline.events.summaries.asObservable();
  }

  /** The same questions, answered by the storage of that name. */
  from(storageName: string): UsageReader {
    const { storages } = this.pipeline;
    const storage = storages.find(({ name }) => name === storageName);
    if (storage === undefined)
      throw new Error(
        `usage.from(): there is no storage named '${storageName}'; there are ${storages.map(({ name }) => `'${name}'`).join(', ')}.`,
      );
    return new UsageReader(storage);
  }

  /**
   * Resolves to true when all requests that were answered before the call are recorded, and their
   * records stored or given up, to false when the time ran out first. A response whose last byte
   * has not left yet is waited for.
   *
   * @param options.timeout Milliseconds; default: the option `shutdownTimeout`.
   */
  async flush(options: { timeout?: number } = {}): Promise<boolean> {
    const { timeout = this.pipeline.flushTimeoutMs } = options;
    const start = performance.now();
    const recorded = await this.capture.recorded(timeout);
    const left = Math.max(0, timeout - (performance.now() - start));
    return (await this.pipeline.flush(left)) && recorded;
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
    return this.pipeline.retention.prune(before);
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
    return forgetEverywhere(this.pipeline.storages, () => this.pipeline.flush(), subject);
  }

  /** What has become of the records, storage by storage. */
  stats(): UsageStats {
    const geoIp = this.pipeline.clients.geoIpStats();
    return { storages: this.pipeline.stats(), ...(geoIp && { geoIp }) };
  }
}

function firstReadable(storages: readonly UsageStorage[]): UsageStorage {
  const readable =
    storages.find((storage) => typeof storage.getUsage === 'function') ?? storages[0];
  if (readable === undefined) throw new Error('TrackUsageModule has no storage.');
  return readable;
}
