import type { ResolvedDeliveryOptions } from '../storages/contract/delivery-options.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { FLUSH_RETRY_MAX_DELAY_MS, Pause, retryDelayMs } from './backoff.js';
import type { Backlog } from './backlog.js';
import { PoisonRecordIsolator } from './poison-record-isolator.js';
import type { QueuedRecord } from './record-queue.js';
import type { Schedule } from './schedule.js';
import { StoreAttempts, type StoreFailure } from './store-attempts.js';
import type { QuietLogger } from '../support/usage-logger.js';

/** Callbacks of a sender. Must not throw. */
export interface BatchSenderEvents {
  /** A batch is about to be sent: to encode it may hold the event loop. */
  sending(): void;
  /** The storage has acknowledged these records. */
  stored(part: readonly QueuedRecord[]): void;
  /** The storage rejects this record permanently. */
  refused(item: QueuedRecord, error: Error): void;
  /** Whether somebody waits for the outcome: a flush or a shutdown. */
  isAwaited(): boolean;
}

const CLOSED: StoreFailure = {
  error: new Error('the application was shut down'),
  isOutage: true,
  isPartial: false,
};

/** The reason for dropping records that were not stored when the application was shut down. */
export const CLOSED_ERROR = CLOSED.error;

/**
 * Sends the backlog to one storage, one batch at a time. Retries after a failure, and sends a batch
 * in parts if it keeps failing.
 */
export class BatchSender {
  readonly attempts: StoreAttempts;
  private readonly isolator: PoisonRecordIsolator;
  private readonly pause = new Pause();
  private isRunning = false;
  private isClosed = false;

  constructor(
    storage: UsageStorage,
    private readonly options: Pick<ResolvedDeliveryOptions, 'batchSize' | 'storeTimeout'>,
    private readonly backlog: Backlog,
    private readonly schedule: Schedule,
    private readonly events: BatchSenderEvents,
    logger: QuietLogger,
  ) {
    this.attempts = new StoreAttempts(storage, options.storeTimeout, logger);
    this.isolator = new PoisonRecordIsolator(
      options.batchSize,
      (part) => this.attempt(part),
      (item, error) => this.refuse(item, error),
    );
  }

  get isIdle(): boolean {
    return !this.isRunning;
  }

  /** Starts sending, unless it is running. */
  start(): void {
    if (this.isRunning || this.isClosed) return;
    this.schedule.disarm();
    this.isRunning = true;
    void this.run();
  }

  /** Starts sending and shortens the pause before a retry: a caller waits for the outcome. */
  hurry(): void {
    this.pause.shorten(FLUSH_RETRY_MAX_DELAY_MS);
    this.start();
  }

  /** Stops sending. Does not wait for a call in progress. */
  close(): void {
    this.isClosed = true;
    this.schedule.disarm();
    this.pause.end();
    this.attempts.abandon(CLOSED.error);
  }

  /** Stops sending, because the process ends in this turn of the event loop. */
  stop(): void {
    this.isClosed = true;
    this.schedule.disarm();
  }

  private async run(): Promise<void> {
    for (let batch = this.takeBatch(); batch.length > 0; batch = this.takeBatch()) {
      // After some failures the storage gets single records until it takes one.
      if (this.attempts.isFailing || batch.length > this.options.batchSize)
        await this.isolator.run(batch);
      else await this.attempt(batch);
      if (this.attempts.failures > 0 && !this.isClosed) await this.pause.wait(this.retryDelayMs());
      if (this.isClosed || !this.schedule.isDue) break;
    }
    this.isRunning = false;
    if (!this.isClosed) this.schedule.arm();
  }

  // A batch may hold nothing but poison records. Only other records can show that.
  private takeBatch(): readonly QueuedRecord[] {
    return this.backlog.takeBatch(this.isolator.runsWithoutSuccess);
  }

  private retryDelayMs(): number {
    const isHurried = this.schedule.isDraining || this.events.isAwaited();
    return retryDelayMs(this.attempts.failures, isHurried ? FLUSH_RETRY_MAX_DELAY_MS : undefined);
  }

  private async attempt(part: readonly QueuedRecord[]): Promise<StoreFailure | null> {
    if (this.isClosed) return CLOSED;
    this.events.sending();
    const failure = await this.attempts.store(part);
    // The records in flight were counted when the sender was closed.
    if (this.isClosed) return CLOSED;
    this.isolator.evidence.note(part, failure);
    if (failure === null) this.events.stored(part);
    return failure;
  }

  private refuse(item: QueuedRecord, error: Error): void {
    if (this.isClosed) return;
    this.attempts.resetFailures();
    this.events.refused(item, error);
  }
}
