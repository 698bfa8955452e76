import type { UsageStorage } from '../storages/contract/usage-storage.js';
import type { QueuedRecord } from './queued-record.js';

/** Stores what waits, batch by batch, in this turn, and tells how many a storage has taken. */
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
    // What it has not taken is counted as lost.
  }
  return stored;
}
