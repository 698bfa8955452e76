import type { ResolvedDeliveryOptions } from '../storages/contract/delivery-options.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { retryDelayMs, FLUSH_RETRY_MAX_DELAY_MS, Pause } from './backoff.js';
import { Backlog } from './backlog.js';
import { DeadLetterSink } from './dead-letter-sink.js';
import type { HookRunner } from './hook-runner.js';
import { DropLog } from './drop-log.js';
import { FlushWaiters } from './flush-waiters.js';
import { waitingTimeMs, type QueuedRecord } from './record-queue.js';
import type { QuietLogger } from '../support/usage-logger.js';
import { Schedule } from './schedule.js';
import { PoisonRecordIsolator } from './poison-record-isolator.js';
import type { DropReason, StorageStats } from './storage-stats.js';
import { storeAtOnce } from './store-call.js';
import { StoreAttempts, type StoreFailure } from './store-attempts.js';

/** What a channel tells of the records that its storage has taken. Must not throw. */
export type StoredListener = (stored: readonly QueuedRecord[]) => void;

const CLOSED: StoreFailure = {
  error: new Error('the application was shut down'),
  isOutage: true,
  isPartial: false,
};

/**
 * The way of records to one storage: a bounded queue, one batch under way, repeats, and the
 * counts. Nothing that the storage does gets out of here but through the counts and the log.
 */
export class StorageChannel {
  private readonly backlog: Backlog;
  private readonly schedule: Schedule;
  private readonly attempts: StoreAttempts;
  private readonly isolator: PoisonRecordIsolator;
  private readonly drops: DropLog;
  private readonly deadLetters: DeadLetterSink;
  private readonly waiters = new FlushWaiters();
  private readonly pause = new Pause();
  private seen = 0;
  private stored = 0;
  private isRunning = false;
  private isClosed = false;

  constructor(
    readonly storage: UsageStorage,
    readonly options: ResolvedDeliveryOptions,
    private readonly hooks: HookRunner,
    logger: QuietLogger,
    private readonly onStored: StoredListener,
  ) {
    this.backlog = new Backlog(options);
    this.schedule = new Schedule(this.backlog, options.flushInterval, () => this.start());
    this.attempts = new StoreAttempts(storage, options.storeTimeout, logger);
    this.drops = new DropLog(storage.name, logger);
    this.deadLetters = new DeadLetterSink(storage.name, options.deadLetter, logger);
    this.isolator = new PoisonRecordIsolator(
      options.batchSize,
      (part) => this.attempt(part),
      (item, error) => this.refuse(item, error),
    );
  }

  /** Takes a record. Never throws, never waits. */
  enqueue(item: QueuedRecord): void {
    if (this.isClosed) return this.drop('closed');
    const dropped = this.backlog.add(item);
    this.seen++;
    if (dropped > 0) {
      this.drops.add('overflow', dropped);
      this.settleFlushes();
    }
    if (this.isRunning) return;
    if (this.schedule.isDraining || this.backlog.isBatchReady) this.start();
    else this.schedule.arm();
  }

  /** Counts a record that was given up before it could be queued. Never throws. */
  drop(reason: DropReason, cause?: unknown): void {
    this.seen++;
    this.drops.add(reason, 1, cause);
  }

  /**
   * Resolves to true when every record up to `mark` is stored or given up, to false when that took
   * longer than `timeout` milliseconds. Of the time that is left, the hooks get what they need.
   */
  async flush(mark: number, timeout: number): Promise<boolean> {
    const begun = performance.now();
    if (!this.isSettled(mark)) {
      this.schedule.flush(mark);
      const settled = this.waiters.wait(mark, timeout);
      this.pause.shorten(FLUSH_RETRY_MAX_DELAY_MS);
      this.start();
      if (!(await settled)) return false;
    }
    await this.hooks.idle(Math.max(0, begun + timeout - performance.now()));
    return true;
  }

  /** From now on records go out at once. */
  drain(): void {
    this.schedule.isDraining = true;
    this.pause.shorten(FLUSH_RETRY_MAX_DELAY_MS);
    this.start();
  }

  /** Gives up what still waits. Records that come later are counted as lost. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.schedule.disarm();
    this.pause.end();
    this.attempts.abandon(CLOSED.error);
    const left = this.backlog.clear();
    if (left.length > 0) this.drops.add('shutdown', left.length);
    for (const item of left) this.deadLetters.send(item, CLOSED.error);
    this.drops.close();
    this.settleFlushes();
  }

  /**
   * The process ends in this turn: stores what waits if the storage can do that at once, and counts
   * and logs what is lost. Never throws.
   */
  endProcess(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.schedule.disarm();
    const left = this.backlog.clear();
    if (left.length === 0) return;
    const stored = storeAtOnce(this.storage, left, this.options.batchSize);
    this.stored += stored;
    if (stored === left.length) return;
    this.drops.addProcessEnd(left.length - stored);
    for (const item of left.slice(stored)) this.deadLetters.send(item, CLOSED.error);
  }

  stats(): StorageStats {
    const { attempts, backlog } = this;
    return {
      seen: this.seen,
      stored: this.stored,
      waiting: backlog.length,
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

  private start(): void {
    if (this.isRunning || this.isClosed) return;
    this.schedule.disarm();
    this.isRunning = true;
    void this.run();
  }

  private async run(): Promise<void> {
    for (let batch = this.takeBatch(); batch.length > 0; batch = this.takeBatch()) {
      // From some failures on the storage gets single records until it takes one.
      if (this.attempts.isFailing || batch.length > this.options.batchSize)
        await this.isolator.run(batch);
      else await this.attempt(batch);
      if (this.attempts.failures > 0 && !this.isClosed) await this.pause.wait(this.retryDelayMs());
      if (this.isClosed || !this.schedule.isDue) break;
    }
    this.isRunning = false;
    if (!this.isClosed) this.schedule.arm();
  }

  // A batch may consist of nothing but records that are refused: others are needed to show that.
  private takeBatch(): readonly QueuedRecord[] {
    return this.backlog.takeBatch(this.isolator.runsWithoutSuccess);
  }

  private retryDelayMs(): number {
    const isHurried = this.schedule.isDraining || this.waiters.any;
    return retryDelayMs(this.attempts.failures, isHurried ? FLUSH_RETRY_MAX_DELAY_MS : undefined);
  }

  private async attempt(part: readonly QueuedRecord[]): Promise<StoreFailure | null> {
    if (this.isClosed) return CLOSED;
    const failure = await this.attempts.store(part);
    // What was under way at the close has been counted then.
    if (this.isClosed) return CLOSED;
    this.isolator.evidence.note(part, failure);
    if (failure === null) this.acknowledge(part);
    return failure;
  }

  private acknowledge(part: readonly QueuedRecord[]): void {
    this.stored += part.length;
    this.backlog.acknowledge(part);
    this.hooks.run(part);
    this.onStored(part);
    this.settleFlushes();
  }

  private refuse(item: QueuedRecord, error: Error): void {
    if (this.isClosed) return;
    this.backlog.acknowledge([item]);
    this.drops.add('refused', 1, error);
    this.deadLetters.send(item, error);
    this.attempts.resetFailures();
    this.settleFlushes();
  }

  private isSettled(mark: number): boolean {
    const { oldest } = this.backlog;
    return oldest === undefined || oldest.sequence > mark;
  }

  private settleFlushes(): void {
    if (this.waiters.any) this.waiters.settle((mark) => this.isSettled(mark));
  }
}
