import type { ResolvedDeliveryOptions } from '../storages/contract/delivery-options.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { Backlog } from './backlog.js';
import { DeadLetterSink } from './dead-letter-sink.js';
import type { HookRunner } from './hook-runner.js';
import { DropLog } from './drop-log.js';
import { FlushWaiters } from './flush-waiters.js';
import { waitingTimeMs, type QueuedRecord } from './record-queue.js';
import type { QuietLogger } from '../support/usage-logger.js';
import { Schedule } from './schedule.js';
import type { DropReason, StorageStats } from '../storages/contract/storage-stats.js';
import { storeAtOnce } from './store-call.js';
import { messageOf } from '../support/thrown-value.js';
import { BatchSender, CLOSED_ERROR } from './batch-sender.js';
import type { JournalLink, JournalLinkEvents } from './journal/journal-link.js';

/** Links a backlog with the journal. */
export type LinkJournal = (backlog: Backlog, events: JournalLinkEvents) => JournalLink;

/** Receives the records that the storage has acknowledged. Must not throw. */
export type StoredListener = (stored: readonly QueuedRecord[]) => void;

/**
 * Delivers records to one storage: keeps them in a bounded backlog, sends them, runs hooks and
 * counts. Failures of the storage only appear in the counts and the log.
 */
export class StorageChannel {
  private readonly backlog: Backlog;
  private readonly schedule: Schedule;
  private readonly sender: BatchSender;
  private readonly drops: DropLog;
  private readonly deadLetters: DeadLetterSink;
  private readonly waiters = new FlushWaiters();
  /** Null without the journal. */
  private readonly journal: JournalLink | null;
  private seen = 0;
  private stored = 0;
  /** Records that stay in the journal when the channel is closed. */
  private left = 0;
  private isClosed = false;

  constructor(
    readonly storage: UsageStorage,
    readonly options: ResolvedDeliveryOptions,
    private readonly hooks: HookRunner,
    logger: QuietLogger,
    private readonly onStored: StoredListener,
    linkJournal: LinkJournal | null = null,
  ) {
    this.backlog = new Backlog(options);
    this.schedule = new Schedule(this.backlog, options.flushInterval, () => this.sender.start());
    this.drops = new DropLog(storage.name, logger);
    this.deadLetters = new DeadLetterSink(storage.name, options.deadLetter, logger);
    this.sender = new BatchSender(
      storage,
      options,
      this.backlog,
      this.schedule,
      {
        sending: () => this.journal?.writeWaiting(),
        stored: (part) => this.acknowledge(part),
        refused: (item, error) => this.refuse(item, error),
        isAwaited: () => this.waiters.any,
      },
      logger,
    );
    this.journal =
      linkJournal &&
      linkJournal(this.backlog, {
        found: (count) => void (this.seen += count),
        dropped: (count, reason) => this.dropFromDisk(count, reason),
        read: () => this.sendRead(),
        failed: (error) =>
          logger.error(
            `The journal cannot be read for storage '${storage.name}': ${messageOf(error)}`,
          ),
      });
  }

  /** Sends what an earlier process has left in the journal, from now on. */
  replay(): void {
    this.journal?.start();
  }

  /** Queues a record. Never throws and never waits. */
  enqueue(item: QueuedRecord): void {
    if (this.isClosed) {
      this.journal?.settle([item]);
      return this.drop('closed');
    }
    this.seen++;
    const taken = this.journal === null ? null : this.journal.take(item);
    if (taken === 'disk') return;
    const dropped = taken === 'dropped' ? [item] : this.backlog.add(item);
    if (dropped.length > 0) {
      this.drops.add('overflow', dropped.length);
      this.journal?.settle(dropped);
      this.settleFlushes();
    }
    this.sendWhenReady();
  }

  /** Counts a record that was dropped before it could be queued. Never throws. */
  drop(reason: DropReason, cause?: unknown): void {
    this.seen++;
    this.drops.add(reason, 1, cause);
  }

  /**
   * Resolves to true when every record up to `sequence` is stored or dropped and the hooks are
   * idle, to false after `timeoutMs`. Hooks get the remaining time only, and do not change the
   * result.
   */
  async flush(sequence: number, timeoutMs: number): Promise<boolean> {
    const begun = performance.now();
    if (!this.isSettled(sequence)) {
      this.schedule.flush(sequence);
      const settled = this.waiters.wait(sequence, timeoutMs);
      this.sender.hurry();
      if (!(await settled)) return false;
    }
    await this.hooks.idle(Math.max(0, begun + timeoutMs - performance.now()));
    return true;
  }

  /** Sends every record at once from now on. */
  drain(): void {
    this.schedule.isDraining = true;
    this.sender.hurry();
  }

  /** Drops the waiting records, and all records that arrive later. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.sender.close();
    const left = this.clear();
    if (left.length > 0) this.drops.add('shutdown', left.length);
    for (const item of left) this.deadLetters.send(item, CLOSED_ERROR);
    this.journal?.settle(left);
    this.drops.close();
    this.settleFlushes();
  }

  /**
   * The process ends in this turn. Stores the waiting records if the storage has `storeSync`;
   * counts and logs those that it drops. Never throws.
   */
  endProcess(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.sender.stop();
    const waiting = this.backlog.clear();
    const stored = storeAtOnce(this.storage, waiting, this.options.batchSize);
    this.stored += stored;
    this.journal?.settle(waiting.slice(0, stored));
    const lost = this.withoutJournaled(waiting.slice(stored));
    if (lost.length === 0) return;
    this.drops.addProcessEnd(lost.length);
    for (const item of lost) this.deadLetters.send(item, CLOSED_ERROR);
  }

  stats(): StorageStats {
    const { backlog } = this;
    const { attempts } = this.sender;
    return {
      seen: this.seen,
      stored: this.stored,
      waiting: backlog.length + this.left + (this.journal?.waiting ?? 0),
      inFlight: attempts.inFlight,
      retried: attempts.retried,
      dropped: { ...this.drops.dropped },
      oldestWaiting:
        backlog.oldest === undefined ? null : Math.round(waitingTimeMs(backlog.oldest)),
      hookFailures: this.hooks.failures,
      lastError: attempts.lastError,
      lastSuccess: attempts.lastSuccess,
    };
  }

  private acknowledge(part: readonly QueuedRecord[]): void {
    this.stored += part.length;
    this.backlog.acknowledge(part);
    this.hooks.run(part);
    this.onStored(part);
    // Last: if the process dies before, hooks and events come again rather than never.
    this.journal?.settle(part);
    this.settleFlushes();
  }

  private refuse(item: QueuedRecord, error: Error): void {
    this.backlog.acknowledge([item]);
    this.drops.add('refused', 1, error);
    this.deadLetters.send(item, error);
    this.journal?.settle([item]);
    this.settleFlushes();
  }

  private isSettled(sequence: number): boolean {
    const { oldest } = this.backlog;
    if (oldest !== undefined && oldest.sequence <= sequence) return false;
    return this.journal === null || this.journal.isSettled(sequence);
  }

  private sendWhenReady(): void {
    if (this.isClosed || !this.sender.isIdle) return;
    if (this.schedule.isDraining || this.backlog.isBatchReady) this.sender.start();
    else this.schedule.arm();
  }

  /** Records were read from the journal. What an earlier process has left waits for no others. */
  private sendRead(): void {
    if (!this.isClosed && this.sender.isIdle && this.schedule.isDue) this.sender.start();
    else this.sendWhenReady();
    this.settleFlushes();
  }

  /** Empties the backlog. Returns what is lost with it: what the journal has stays there. */
  private clear(): readonly QueuedRecord[] {
    this.journal?.close();
    return this.withoutJournaled(this.backlog.clear());
  }

  private withoutJournaled(waiting: readonly QueuedRecord[]): readonly QueuedRecord[] {
    if (this.journal === null) return waiting;
    const lost = waiting.filter(({ place }) => place === null || place.segment.isLost);
    this.left += waiting.length - lost.length;
    return lost;
  }

  private dropFromDisk(count: number, reason: DropReason): void {
    this.drops.add(reason, count);
    this.settleFlushes();
  }

  private settleFlushes(): void {
    if (this.waiters.any) this.waiters.settle((sequence) => this.isSettled(sequence));
  }
}
