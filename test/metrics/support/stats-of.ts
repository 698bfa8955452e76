import type { StorageStats } from 'nestjs-track-usage';

/** The counts of a storage that has seen nothing, but for those given. */
export function statsOf(counts: Partial<StorageStats>): StorageStats {
  return {
    seen: 0,
    stored: 0,
    waiting: 0,
    inFlight: 0,
    retried: 0,
    dropped: {},
    oldestWaiting: null,
    hookFailures: 0,
    lastError: null,
    lastSuccess: null,
    ...counts,
  };
}
