import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { StorageStats } from './delivery/index.js';
import type { UsageRecord } from './record/index.js';
import type { UsageStorage } from './storages/usage-storage.js';
import { UsageReader } from './usage-reader.js';
import { UsagePipeline } from './usage-pipeline.js';

/**
 * The counts of delivery.
 *
 * @publicApi
 */
export interface UsageStats {
  /** By the storage's name. */
  readonly storages: Readonly<Record<string, StorageStats>>;
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

  constructor(private readonly pipeline: UsagePipeline) {
    super(firstReadable(pipeline.storages));
    this.records$ = pipeline.records$;
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
   * Resolves to true when all that was recorded before the call is stored or given up, to false
   * when the time ran out first.
   *
   * @param options.timeout Milliseconds; default: the option `shutdownTimeout`.
   */
  flush(options: { timeout?: number } = {}): Promise<boolean> {
    return this.pipeline.flush(options.timeout);
  }

  /** What has become of the records, storage by storage. */
  stats(): UsageStats {
    return { storages: this.pipeline.stats() };
  }
}

function firstReadable(storages: readonly UsageStorage[]): UsageStorage {
  const readable = storages.find(({ getUsage }) => typeof getUsage === 'function') ?? storages[0];
  if (readable === undefined) throw new Error('TrackUsageModule has no storage.');
  return readable;
}
