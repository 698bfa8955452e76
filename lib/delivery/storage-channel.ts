import type { LoggerService } from '@nestjs/common';
import type { ResolvedDeliveryOptions } from '../storages/delivery-options.js';
import type { UsageStorage } from '../storages/usage-storage.js';
import { backoff } from './backoff.js';
import type { HookRunner } from './hook-runner.js';
import { isolate } from './isolation.js';
import { isOutage } from './outage.js';
import { LossLog } from './loss-log.js';
import type { QueuedRecord } from './queued-record.js';
import { RecordQueue } from './record-queue.js';
import type { DropReason, StorageStats } from './storage-stats.js';
import { asError, callStore } from './store-call.js';
import { Wakeable } from './wakeable.js';

// After so many failures in a row the storage is probed, and the batch searched for what spoils it.
const FAILURES_BEFORE_SEARCH = 3;
// So often a suspect is tried again before it is given up: a storage may fail now and then.
const LAST_CHANCES = 3;

interface FlushWaiter {
  /** The last record that it waits for. */
  readonly mark: number;
  readonly resolve: () => void;
}

/** What a channel tells of the records that its storage has taken. */
export type StoredListener = (stored: readonly QueuedRecord[]) => void;

/**
 * The way of records to one storage: a bounded queue, one batch under way, repeats, and the
 * counts. Nothing that the storage does gets out of here but through the counts and the log.
 */
export class StorageChannel {
  private readonly queue = new RecordQueue();
  /** Out of the queue and neither stored nor given up; older than all that the queue holds. */
  private held: QueuedRecord[] = [];
  private heldBytes = 0;
  private seen = 0;
  private stored = 0;
  private inFlight = 0;
  private retried = 0;
  private failures = 0;
  private fruitlessSearches = 0;
  private outageLogged = false;
  private lastError: StorageStats['lastError'] = null;
  private lastSuccess: Date | null = null;
  private running = false;
  private closing = false;
  private closed = false;
  private timer: NodeJS.Timeout | undefined;
  private flushMark = -1;
  private waiters: FlushWaiter[] = [];
  private readonly pause = new Wakeable();
  private readonly losses: LossLog;

  constructor(
    readonly storage: UsageStorage,
    readonly options: ResolvedDeliveryOptions,
    private readonly hooks: HookRunner,
    private readonly logger: LoggerService,
    private readonly onStored: StoredListener,
  ) {
    this.losses = new LossLog(storage.name, logger);
  }

  private get waiting(): number {
    return this.queue.length + this.held.length;
  }

  private get oldest(): QueuedRecord | undefined {
    return this.held[0] ?? this.queue.peek();
  }

  /** Takes a record. Never throws, never waits. */
  enqueue(item: QueuedRecord): void {
    this.seen++;
    if (this.closed) return this.losses.add('closed', 1);
    if (!this.makeRoom(item)) return this.losses.add('overflow', 1);
    this.queue.push(item);
    if (this.running) return;
    if (this.closing || this.waiting >= this.options.batchSize) this.start();
    else this.schedule();
  }

  /** Counts a record that was given up before it could be queued. Never throws. */
  lose(reason: DropReason, cause: Error): void {
    this.seen++;
    this.losses.add(reason, 1, cause);
  }

  /** Resolves when every record up to `mark` is stored or given up, and the hooks are done. */
  async flush(mark: number): Promise<void> {
    if (!this.isSettled(mark)) {
      this.flushMark = Math.max(this.flushMark, mark);
      const settled = new Promise<void>((resolve) => this.waiters.push({ mark, resolve }));
      this.pause.wake();
      this.start();
      await settled;
    }
    await this.hooks.idle();
  }

  /** From now on records go out at once. */
  drain(): void {
    this.closing = true;
    this.pause.wake();
    this.start();
  }

  /** Gives up what still waits. Records that come later are counted as lost. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.pause.wake();
    const left = [...this.held, ...this.queue.take(this.queue.length)];
    this.held = [];
    this.heldBytes = 0;
    if (left.length > 0) {
      this.losses.add('shutdown', left.length);
      for (const item of left) this.bury(item, new Error('the application was shut down'));
    }
    this.losses.end();
    this.settleWaiters();
  }

  stats(): StorageStats {
    const { oldest } = this;
    return {
      seen: this.seen,
      stored: this.stored,
      waiting: this.waiting,
      inFlight: this.inFlight,
      retried: this.retried,
      dropped: { ...this.losses.dropped },
      oldestWaiting: oldest === undefined ? null : Math.max(0, Date.now() - oldest.queuedAt),
      hookFailures: this.hooks.failures,
      lastError: this.lastError,
      lastSuccess: this.lastSuccess,
    };
  }

  private makeRoom(item: QueuedRecord): boolean {
    const { maxPending, maxPendingBytes, overflow } = this.options;
    if (item.bytes > maxPendingBytes) return false;
    while (
      this.waiting >= maxPending ||
      this.queue.bytes + this.heldBytes + item.bytes > maxPendingBytes
    ) {
      // What is under way may be stored already: only what waits in the queue can be given up.
      if (overflow === 'drop-newest' || this.queue.shift() === undefined) return false;
      this.losses.add('overflow', 1);
      this.settleWaiters();
    }
    return true;
  }

  private schedule(): void {
    const { oldest } = this;
    if (oldest === undefined || this.timer !== undefined || this.closed) return;
    const age = Date.now() - oldest.queuedAt;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.start();
      },
      Math.max(0, this.options.flushInterval - age),
    );
  }

  private start(): void {
    if (this.running || this.closed) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running = true;
    void this.run();
  }

  private async run(): Promise<void> {
    do {
      this.hold();
      if (this.held.length === 0) break;
      const batch = this.held;
      if (this.failures < FAILURES_BEFORE_SEARCH && (await this.attempt(batch)) === null) continue;
      // From here on the storage gets single records until it takes one.
      if (this.failures >= FAILURES_BEFORE_SEARCH) await this.search(batch);
      if (this.failures > 0 && !this.closed) await this.pause.wait(backoff(this.failures));
    } while (this.isDue());
    this.running = false;
    this.schedule();
  }

  /** Fills the batch from the queue. What failed before goes first. */
  private hold(): void {
    const added = this.queue.take(this.options.batchSize - this.held.length);
    for (const item of added) this.heldBytes += item.bytes;
    this.held = this.held.length === 0 ? added : this.held.concat(added);
  }

  private isDue(): boolean {
    const { oldest } = this;
    if (oldest === undefined || this.closed) return false;
    return (
      this.held.length > 0 ||
      this.closing ||
      this.waiting >= this.options.batchSize ||
      oldest.sequence <= this.flushMark ||
      Date.now() - oldest.queuedAt >= this.options.flushInterval
    );
  }

  private async attempt(part: readonly QueuedRecord[]): Promise<Error | null> {
    if (this.closed) return new Error('closed');
    if (this.failures > 0) this.retried++;
    this.inFlight = part.length;
    try {
      await callStore(
        this.storage,
        part.map((item) => item.record),
        this.options.storeTimeout,
      );
      this.inFlight = 0;
      if (!this.closed) this.succeeded(part);
      return null;
    } catch (thrown) {
      const error = asError(thrown);
      this.inFlight = 0;
      this.failed(error);
      return error;
    }
  }

  private succeeded(part: readonly QueuedRecord[]): void {
    if (this.outageLogged) this.logger.log(`Storage '${this.storage.name}' takes records again.`);
    this.outageLogged = false;
    this.failures = 0;
    this.lastSuccess = new Date();
    this.stored += part.length;
    this.release(part);
    if (this.waiting < this.options.maxPending) this.losses.end();
    this.hooks.run(part);
    this.onStored(part);
    this.settleWaiters();
  }

  private failed(error: Error): void {
    this.lastError = { date: new Date(), message: error.message };
    if (++this.failures < FAILURES_BEFORE_SEARCH || this.outageLogged) return;
    this.outageLogged = true;
    this.logger.warn(
      `Storage '${this.storage.name}' has failed ${this.failures} times in a row; its records wait and are sent again: ${error.message}`,
    );
  }

  /** Stores what the storage takes of a batch that keeps failing, and gives up what spoils it. */
  private async search(batch: readonly QueuedRecord[]): Promise<void> {
    const { suspects, rest } = await isolate(
      batch,
      (part) => this.attempt(part),
      1 + this.fruitlessSearches,
    );
    this.fruitlessSearches = rest.length < batch.length ? 0 : this.fruitlessSearches + 1;
    for (const suspect of suspects) {
      const cause = await this.lastChance(suspect);
      if (cause === null || isOutage(cause) || this.closed) continue;
      this.release([suspect]);
      this.losses.add('refused', 1, cause);
      this.bury(suspect, cause);
      this.settleWaiters();
      // The failure was the record's, not the storage's.
      this.failures = 0;
    }
  }

  private async lastChance(suspect: QueuedRecord): Promise<Error | null> {
    let error: Error | null = null;
    for (let tries = 0; tries < LAST_CHANCES; tries++) {
      error = await this.attempt([suspect]);
      if (error === null || isOutage(error)) break;
    }
    return error;
  }

  private bury(item: QueuedRecord, error: Error): void {
    try {
      this.options.deadLetter?.(item.record, error);
    } catch (thrown) {
      this.logger.error(`deadLetter failed: ${asError(thrown).message}`);
    }
  }

  private release(part: readonly QueuedRecord[]): void {
    for (const item of part) this.heldBytes -= item.bytes;
    if (part.length === this.held.length) {
      this.held = [];
      return;
    }
    const gone = new Set(part);
    this.held = this.held.filter((item) => !gone.has(item));
  }

  private isSettled(mark: number): boolean {
    const { oldest } = this;
    return oldest === undefined || oldest.sequence > mark;
  }

  private settleWaiters(): void {
    if (this.waiters.length === 0) return;
    this.waiters = this.waiters.filter(({ mark, resolve }) => {
      if (!this.isSettled(mark)) return true;
      resolve();
      return false;
    });
  }
}
