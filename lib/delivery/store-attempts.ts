import { PartlyUnavailableError } from '../storages/contract/storage-errors.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { isOutage, OutageLog, PERSISTENT_FAILURE_COUNT } from './outage.js';
import type { QueuedRecord } from './record-queue.js';
import type { QuietLogger } from '../support/usage-logger.js';
import type { StorageStats } from '../storages/contract/storage-stats.js';
import { StoreCall } from './store-call.js';
import { asError, messageOf } from '../support/thrown-value.js';

/** Why a storage did not store the records. */
export interface StoreFailure {
  readonly error: Error;
  /** Whether the connection to the storage failed, so that no record is the cause. */
  readonly isOutage: boolean;
  /** Whether the outage may hold for these records only, so that others can be stored. */
  readonly isPartial?: boolean;
}

/** Calls the storage and counts successes and failures. */
export class StoreAttempts {
  /** Records in the current call. */
  inFlight = 0;
  /** Calls that repeated a failed one. */
  retried = 0;
  /** Failed calls since the last successful one. */
  failures = 0;
  lastError: StorageStats['lastError'] = null;
  lastSuccess: Date | null = null;
  private call: StoreCall | null = null;
  private isAbandoned = false;
  private readonly outage: OutageLog;

  constructor(
    private readonly storage: UsageStorage,
    private readonly timeout: number,
    logger: QuietLogger,
  ) {
    this.outage = new OutageLog(storage.name, logger);
  }

  get isFailing(): boolean {
    return this.failures >= PERSISTENT_FAILURE_COUNT;
  }

  /** Stores records. Returns the failure, or null on success. Never rejects. */
  async store(part: readonly QueuedRecord[]): Promise<StoreFailure | null> {
    if (this.failures > 0) this.retried++;
    this.inFlight = part.length;
    const records = part.map(({ record }) => record);
    this.call = new StoreCall(this.storage, records, this.timeout);
    const error = await this.call.done.then(
      () => null,
      (thrown: unknown) => asError(thrown),
    );
    this.call = null;
    this.inFlight = 0;
    if (error === null) {
      this.succeeded();
      return null;
    }
    if (!this.isAbandoned) this.failed(error);
    return {
      error,
      isOutage: isOutage(error),
      isPartial: error instanceof PartlyUnavailableError,
    };
  }

  /** Stops waiting for the current call. No call follows. */
  abandon(error: Error): void {
    this.isAbandoned = true;
    this.inFlight = 0;
    this.call?.abandon(error);
    this.outage.close();
  }

  /** Resets the failures in a row, because a poison record caused them. */
  resetFailures(): void {
    this.failures = 0;
  }

  private succeeded(): void {
    this.failures = 0;
    this.lastSuccess = new Date();
    this.outage.succeeded();
  }

  private failed(error: Error): void {
    const message = messageOf(error);
    this.lastError = { date: new Date(), message, isOutage: isOutage(error) };
    this.failures++;
    this.outage.failed(this.failures, message);
  }
}
