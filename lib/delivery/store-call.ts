import type { UsageRecord } from '../record/index.js';
import type { UsageStorage } from '../storages/usage-storage.js';
import { asError } from './thrown-value.js';

/** A call of `store` that had not settled when its time was up. */
export class StoreTimeoutError extends Error {
  override readonly name = 'StoreTimeoutError';

  constructor(storage: string, timeout: number) {
    super(`storage '${storage}' did not answer within ${timeout} ms (storeTimeout)`);
  }
}

/**
 * Calls `store` so that whatever it does (throw at once, reject, never settle, settle late) ends
 * in one promise that settles within `timeout` milliseconds.
 */
export function callStore(
  storage: UsageStorage,
  records: readonly UsageRecord[],
  timeout: number,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new StoreTimeoutError(storage.name, timeout)), timeout);
    const settle = (then: () => void) => {
      clearTimeout(timer);
      then();
    };
    // The executor of an async function turns what is thrown at once into a rejection.
    const call = async () => storage.store(records);
    call().then(
      () => settle(resolve),
      (error: unknown) => settle(() => reject(asError(error))),
    );
  });
}
