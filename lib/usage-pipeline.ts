import { Logger } from '@nestjs/common';
import type { CapturedRequest, CaptureSink } from './capture/captured-request.js';
import { FailureLog } from './capture/failure-log.js';
import { Delivery, Intake, type StorageStats } from './delivery/index.js';
import { RecordBuilder } from './enrichment/index.js';
import { UsageEvents } from './events/index.js';
import { Retention } from './retention/index.js';
import { DEFAULT_DELIVERY_OPTIONS } from './storages/delivery-options.js';
import type { OpenedStorage } from './storages/open-storages.js';
import type { UsageStorage } from './storages/usage-storage.js';
import type { TrackUsageModuleOptions } from './track-usage.options.js';

/** Where buckets are cut unless the option says otherwise. */
export const DEFAULT_TIME_ZONE = 'UTC';

/** The way of a record through the house: from capture through enrichment to delivery. */
export class UsagePipeline {
  readonly storages: readonly UsageStorage[];
  readonly events: UsageEvents;
  readonly retention: Retention;
  private readonly builder: RecordBuilder;
  private readonly delivery: Delivery;
  private readonly intake = new Intake<CapturedRequest>((captured) => this.take(captured));
  private readonly failures: FailureLog;
  private readonly flushTimeout: number;

  constructor(options: TrackUsageModuleOptions, opened: readonly OpenedStorage[]) {
    this.storages = opened.map(({ storage }) => storage);
    const logger = new Logger('TrackUsage');
    this.failures = new FailureLog(logger);
    this.events = new UsageEvents(opened, options.timeZone ?? DEFAULT_TIME_ZONE);
    this.retention = new Retention(options.retention ?? {}, this.storages, logger);
    this.delivery = new Delivery(opened, logger, this.events);
    this.builder = new RecordBuilder(options, {
      dropped: (captured, reason, error) => this.delivery.lose(captured.storages, reason, error),
      failed: (part, error) =>
        this.failures.once(`${part} failed; the record is kept without it.`, error),
    });
    this.flushTimeout = options.shutdownTimeout ?? DEFAULT_DELIVERY_OPTIONS.shutdownTimeout;
  }

  /** Takes what capture hands over. Never throws, never waits. */
  get sink(): CaptureSink {
    return this.intake.add;
  }

  flush(timeout = this.flushTimeout): Promise<boolean> {
    this.intake.empty();
    return this.delivery.flush(timeout);
  }

  stats(): Record<string, StorageStats> {
    return this.delivery.stats();
  }

  /** From now on records are stored at once: a shutdown has begun. */
  drain(): void {
    this.intake.empty();
    this.delivery.drain();
  }

  /** Stores what waits, gives up what cannot be stored in time, and closes the storages. */
  async shutdown(): Promise<void> {
    this.intake.empty();
    this.retention.stop();
    await this.delivery.shutdown();
    this.events.end();
  }

  private take(captured: CapturedRequest): void {
    const record = this.builder.build(captured);
    if (record !== null) this.delivery.record(record, captured.storages);
  }
}
