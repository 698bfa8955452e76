import type { UsageRecord } from '../../record/index.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';
import { BaseStorage, type BaseStorageParts } from '../base/base-storage.js';
import type { StorageOptions, UsageStorageContext } from '../contract/usage-storage.js';
import { MemoryEraser } from './eraser.js';
import { MemoryRecords } from './memory-records.js';
import { MemorySums } from './memory-sums.js';
import { MemoryValues } from './named-values.js';

/**
 * The options of `MemoryStorage`.
 *
 * @publicApi
 */
export interface MemoryStorageOptions extends StorageOptions {
  /**
   * The most records to keep. The oldest are deleted first.
   * @default every record
   */
  maxRecords?: number;
}

/**
 * Keeps records and summaries in the process's memory, for tests and trials.
 *
 * @example
 * new MemoryStorage({ maxRecords: 10_000, hooks: [sumRoutes] });
 *
 * @publicApi
 */
export class MemoryStorage extends BaseStorage {
  readonly name: string;
  private readonly records = new MemoryRecords();
  private readonly values = new MemoryValues();
  private sums: MemorySums;
  private current: BaseStorageParts;

  /** @throws {TrackUsageOptionsError} if `maxRecords` is not a whole number from 1. */
  constructor(readonly options: MemoryStorageOptions = {}) {
    super();
    this.name = options.name ?? 'memory';
    const { maxRecords } = options;
    if (maxRecords !== undefined && !(Number.isInteger(maxRecords) && maxRecords > 0))
      throw new TrackUsageOptionsError('maxRecords', maxRecords, 'a whole number from 1', {
        owner: 'MemoryStorage',
      });
    this.sums = new MemorySums(this.name, this.records, this.values, UNOPENED, null);
    this.current = this.partsWith(this.sums);
  }

  protected async openParts(context: UsageStorageContext): Promise<BaseStorageParts> {
    const { name, records, values } = this;
    const sums = new MemorySums(name, records, values, context, this.sums);
    await sums.settleZone(context.onTimeZoneChange);
    this.sums = sums;
    return (this.current = this.partsWith(sums));
  }

  /**
   * Memory needs no connection: it stores before it is opened, and is readable after it is closed.
   */
  protected override use(): BaseStorageParts {
    return this.current;
  }

  private partsWith(sums: MemorySums): BaseStorageParts {
    const { records } = this;
    return {
      summarizer: sums.summarizer,
      writer: { store: async (batch) => this.storeNow(batch, sums) },
      reader: records,
      sums,
      maintenance: sums,
      pruner: {
        pruneRecords: async (before) => records.deleteBefore(before),
        deleteRecords: async (deleted) => records.deleteByIds(deleted),
        pruneSums: async (period, before) => sums.prune(period, before),
      },
      eraser: new MemoryEraser(sums, this.values, records),
      values: this.values,
      close: async () => {},
    };
  }

  private storeNow(batch: readonly UsageRecord[], sums: MemorySums): void {
    const fresh = this.records.freshOf(batch);
    // First call what may throw: a batch is stored as a whole or not at all.
    sums.add(fresh);
    this.records.add(fresh);
    const [newest] = this.records.deleteBeyond(this.options.maxRecords ?? Infinity);
    if (newest) this.values.raiseNow('pruned', 'records', newest.date.getTime() + 1);
  }
}

const UNOPENED: UsageStorageContext = {
  logger: { log() {}, warn() {}, error() {} },
  summaries: [],
  timeZone: 'UTC',
  maxKeys: Infinity,
};
