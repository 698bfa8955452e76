import type { LoggerService } from '@nestjs/common';
import type { UsageRecord } from '../record/index.js';
import type { ResolvedDeliveryOptions } from '../storages/contract/delivery-options.js';
import type { UsageHookFunction, UsageStorage } from '../storages/contract/usage-storage.js';
import { HookRunner } from './hook-runner.js';
import { QueuedRecord } from './record-queue.js';
import { recordSize } from './record-size.js';
import { quietLogger, type QuietLogger } from '../support/usage-logger.js';
import { StorageChannel, type LinkJournal } from './storage-channel.js';
import type { Journal } from './journal/journal.js';
import type { JournalItem } from './journal/journal-target.js';
import type { JournalStats } from './journal/journal-stats.js';
import type { OpenJournal } from './journal/open-journal.js';
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
  private readonly journal: Journal | null;
  /** What was recorded in this turn of the event loop, to be written to the journal and queued. */
  private unwritten: JournalItem[] = [];
  private written: JournalItem[] = [];
  private isTurnScheduled = false;
  private sequence = 0;
  private shutdownUnderWay: Promise<void> | undefined;

  constructor(
    targets: readonly DeliveryTarget[],
    logger: LoggerService,
    private readonly listener: DeliveryListener,
    opened: OpenJournal | null = null,
  ) {
    const quiet = (this.logger = quietLogger(logger));
    this.journal = opened && opened.journal;
    this.channels = targets.map(({ storage, options, hooks }, index) => {
      const runner = new HookRunner(storage, hooks, quiet);
      const notify = (stored: readonly QueuedRecord[]) => this.notify(storage.name, stored);
      const link: LinkJournal | null =
        opened && ((backlog, events) => opened.link(index, backlog, options.overflow, events));
      return new StorageChannel(storage, options, runner, quiet, notify, link);
    });
  }

  /** Queues a record for the named storages, or for all. Never throws and never waits. */
  record(record: UsageRecord, only: readonly string[] | null): void {
    const item = new QueuedRecord(record, this.sequence++, recordSize(record));
    if (this.journal === null) {
      for (const channel of this.channels) if (isTarget(channel, only)) channel.enqueue(item);
      return;
    }
    this.unwritten.push({ item, targets: only && this.indexesOf(only) });
    if (this.isTurnScheduled) return;
    this.isTurnScheduled = true;
    queueMicrotask(this.queueTurn);
  }

  /** Writes what was recorded to the journal, before this turn of the event loop is over. */
  write(): void {
    const { unwritten } = this;
    if (this.journal === null || unwritten.length === 0) return;
    this.journal.append(unwritten);
    this.unwritten = [];
    this.written = this.written.length === 0 ? unwritten : this.written.concat(unwritten);
  }

  /** Sends what earlier processes have left in the journal, from now on. */
  replay(): void {
    for (const channel of this.channels) channel.replay();
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
    this.queueTurn();
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

  /** The counts of the journal; undefined without it. */
  journalStats(): JournalStats | undefined {
    return this.journal?.stats();
  }

  /** Sends every record at once from now on. */
  drain(): void {
    this.queueTurn();
    for (const channel of this.channels) channel.drain();
  }

  /** Stores or drops the waiting records, because the process ends in this turn. Never throws. */
  endProcess(): void {
    this.queueTurn();
    for (const channel of this.channels) channel.endProcess();
    this.journal?.close();
  }

  /** Drains the queues within each storage's `shutdownTimeout`, then closes the storages. */
  shutdown(): Promise<void> {
    this.queueTurn();
    return (this.shutdownUnderWay ??= Promise.all(
      this.channels.map((channel) => this.shutdownChannel(channel)),
    ).then(() => this.journal?.close()));
  }

  /** Writes the records of this turn to the journal, then queues them. */
  private readonly queueTurn = (): void => {
    this.isTurnScheduled = false;
    this.write();
    const { written } = this;
    this.written = [];
    for (const { item, targets } of written)
      for (const [index, channel] of this.channels.entries())
        if (targets === null || targets.includes(index)) channel.enqueue(item);
  };

  private indexesOf(only: readonly string[]): number[] {
    return [...this.channels.keys()].filter((index) => isTarget(this.channels[index]!, only));
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
        if (!item.notify()) continue;
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
