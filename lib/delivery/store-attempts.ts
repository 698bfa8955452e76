import type { UsageStorage } from '../storages/usage-storage.js';
import { isOutage } from './outage.js';
import type { QueuedRecord } from './queued-record.js';
import type { QuietLogger } from './quiet-logger.js';
import type { StorageStats } from './storage-stats.js';
import { StoreCall } from './store-call.js';
import { asError, messageOf } from './thrown-value.js';

/** After so many failures in a row the storage is taken to be down, or the batch to be spoiled. */
export const PERSISTENT_FAILURES = 3;

/** Why a storage did not take what it was given. */
export interface StoreFailure {
  readonly error: Error;
  /** The way to the store is at fault, so no record can be. */
  readonly isOutage: boolean;
}

/** Calls the storage, and keeps in mind how that went. */
export class StoreAttempts {
  /** Records in the call that is under way. */
  inFlight = 0;
  /** Calls that repeated one that had failed. */
  retried = 0;
  /** Failed calls since the last that succeeded. */
  failures = 0;
  lastError: StorageStats['lastError'] = null;
  lastSuccess: Date | null = null;
  private call: StoreCall | null = null;
  private isAbandoned = false;
  private outageLogged = false;

  constructor(
    private readonly storage: UsageStorage,
    private readonly timeout: number,
    private readonly logger: QuietLogger,
  ) {}

  get isFailing(): boolean {
    return this.failures >= PERSISTENT_FAILURES;
  }

  /** Never rejects. */
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
    return { error, isOutage: isOutage(error) };
  }

  /** Waits no longer for the call that is under way; it is the last. */
  abandon(error: Error): void {
    this.isAbandoned = true;
    this.inFlight = 0;
    this.call?.abandon(error);
  }

  /** The failures were those of a record. */
  absolve(): void {
    this.failures = 0;
  }

  private succeeded(): void {
    this.failures = 0;
    this.lastSuccess = new Date();
    if (this.outageLogged) this.logger.log(`Storage '${this.storage.name}' takes records again.`);
    this.outageLogged = false;
  }

  private failed(error: Error): void {
    const message = messageOf(error);
    this.lastError = { date: new Date(), message };
    this.failures++;
    if (!this.isFailing || this.outageLogged) return;
    this.outageLogged = true;
    this.logger.warn(
      `Storage '${this.storage.name}' has failed ${this.failures} times in a row; its records wait and are sent again: ${message}`,
    );
  }
}
