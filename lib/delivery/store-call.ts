import type { UsageRecord } from '../record/index.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';
import { asError } from '../support/thrown-value.js';
import type { QueuedRecord } from './record-queue.js';

/** A call of `store` did not settle in time. */
export class StoreTimeoutError extends Error {
  override readonly name = 'StoreTimeoutError';

  constructor(storage: string, timeout: number) {
    super(`storage '${storage}' did not answer within ${timeout} ms (storeTimeout)`);
  }
}

/**
 * A call of `store` that ends within `timeout` milliseconds, even if the storage throws
 * synchronously, rejects, never settles or settles late.
 */
export class StoreCall {
  /** Settles with the call. Rejects only with an Error. */
  readonly done: Promise<void>;
  private timer: NodeJS.Timeout | undefined;
  private end: ((error: Error) => void) | null = null;

  constructor(storage: UsageStorage, records: readonly UsageRecord[], timeout: number) {
    this.done = new Promise((resolve, reject) => {
      this.end = reject;
      const late = () => reject(new StoreTimeoutError(storage.name, timeout));
      this.timer = setTimeout(late, timeout);
      // An async function turns a synchronous error into a rejection.
      const call = async () => storage.store(records);
      call().then(
        () => {
          clearTimeout(this.timer);
          resolve();
        },
        (thrown: unknown) => this.abandon(asError(thrown)),
      );
    });
  }

  /** Rejects `done` with the error. Does not wait for the storage any longer. */
  abandon(error: Error): void {
    clearTimeout(this.timer);
    this.end?.(error);
  }
}

/** Stores the waiting records in this turn, batch by batch. Returns how many were stored. */
export function storeAtOnce(
  storage: UsageStorage,
  waiting: readonly QueuedRecord[],
  batchSize: number,
): number {
  let stored = 0;
  try {
    while (storage.storeSync && stored < waiting.length) {
      const batch = waiting.slice(stored, stored + batchSize).map(({ record }) => record);
      storage.storeSync(batch);
      stored += batch.length;
    }
  } catch {
    // The caller counts the records that were not stored as dropped.
  }
  return stored;
}
