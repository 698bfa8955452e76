import type { LoggerService } from '@nestjs/common';
import type { UsageRecord } from '../record/index.js';
import type { ResolvedDeliveryOptions } from '../storages/contract/delivery-options.js';
import type { UsageHookFunction, UsageStorage } from '../storages/contract/usage-storage.js';
import { HookRunner } from './hook-runner.js';
import { QueuedRecord } from './record-queue.js';
import { recordSize } from './record-size.js';
import { quietLogger, type QuietLogger } from '../support/usage-logger.js';
import { StorageChannel } from './storage-channel.js';
import type { DropReason, StorageStats } from '../storages/contract/storage-stats.js';
import { messageOf } from '../support/thrown-value.js';
import { withTimeLimit } from '../support/time-limit.js';

/** A storage with what its channel needs to know. */
export interface DeliveryTarget {
  readonly storage: UsageStorage;
  readonly options: ResolvedDeliveryOptions;
  readonly hooks: readonly UsageHookFunction[];
}

/** Receives notifications of stored records. */
export interface DeliveryListener {
  /** Called once for each record, after the first of its storages has stored it. */
  recordStored(record: UsageRecord): void;
  /** Called for each stored batch of each storage. */
  batchStored(storage: string, batch: readonly { readonly record: UsageRecord }[]): void;
}

/** The time a storage gets to close if draining used up `shutdownTimeout`. */
const MIN_CLOSE_TIME_MS = 1000;

/**
 * Delivers each record to its target storages. Each storage has its own channel, so that a slow or
 * failing storage does not affect the others.
 */
export class Delivery {
  private readonly channels: readonly StorageChannel[];
  private readonly logger: QuietLogger;
  private sequence = 0;
  private shutdownUnderWay: Promise<void> | undefined;

  constructor(
    targets: readonly DeliveryTarget[],
    logger: LoggerService,
    private readonly listener: DeliveryListener,
  ) {
    const quiet = (this.logger = quietLogger(logger));
    this.channels = targets.map(({ storage, options, hooks }) => {
      const runner = new HookRunner(storage, hooks, quiet);
      const notify = (stored: readonly QueuedRecord[]) => this.notify(storage.name, stored);
      return new StorageChannel(storage, options, runner, quiet, notify);
    });
  }

  /** Queues a record for the named storages, or for all. Never throws and never waits. */
  record(record: UsageRecord, only: readonly string[] | null): void {
    const item = new QueuedRecord(record, this.sequence++, recordSize(record));
    for (const channel of this.channels) if (isTarget(channel, only)) channel.enqueue(item);
  }

  /** Counts a record that was dropped before it could be queued. */
  drop(only: readonly string[] | null, reason: DropReason, error: unknown): void {
    for (const channel of this.channels) if (isTarget(channel, only)) channel.drop(reason, error);
  }

  /**
   * Resolves to true when every record from before the call is stored or dropped, to false after
   * `timeout` milliseconds. Never rejects.
   */
  async flush(timeout: number): Promise<boolean> {
    const sequence = this.sequence - 1;
    const flushed = await Promise.all(
      this.channels.map((channel) => channel.flush(sequence, timeout)),
    );
    return !flushed.includes(false);
  }

  stats(): Record<string, StorageStats> {
    return Object.fromEntries(
      this.channels.map((channel) => [channel.storage.name, channel.stats()]),
    );
  }

  /** Sends every record at once from now on. */
  drain(): void {
    for (const channel of this.channels) channel.drain();
  }

  /** Stores or drops the waiting records, because the process ends in this turn. Never throws. */
  endProcess(): void {
    for (const channel of this.channels) channel.endProcess();
  }

  /** Drains the queues within each storage's `shutdownTimeout`, then closes the storages. */
  shutdown(): Promise<void> {
    return (this.shutdownUnderWay ??= Promise.all(
      this.channels.map((channel) => this.shutdownChannel(channel)),
    ).then(() => undefined));
  }

  private async shutdownChannel(channel: StorageChannel): Promise<void> {
    const { storage, options } = channel;
    const deadline = performance.now() + options.shutdownTimeout;
    channel.drain();
    await channel.flush(Infinity, options.shutdownTimeout);
    channel.close();
    const timeLeft = Math.max(MIN_CLOSE_TIME_MS, deadline - performance.now());
    try {
      const closing = Promise.resolve(storage.close?.()).then(() => true);
      const closed = await withTimeLimit(closing, timeLeft, () => false);
      if (!closed) this.logger.warn(`Storage '${storage.name}' did not close in time.`);
    } catch (error) {
      this.logger.error(`Storage '${storage.name}' failed to close: ${messageOf(error)}`);
    }
  }

  private notify(storage: string, stored: readonly QueuedRecord[]): void {
    try {
      for (const item of stored) {
        if (item.isNotified) continue;
        item.isNotified = true;
        this.listener.recordStored(item.record);
      }
      this.listener.batchStored(storage, stored);
    } catch (error) {
      this.logger.error(`A listener could not be notified of stored records: ${messageOf(error)}`);
    }
  }
}

function isTarget(channel: StorageChannel, only: readonly string[] | null): boolean {
  return only === null || only.includes(channel.storage.name);
}
