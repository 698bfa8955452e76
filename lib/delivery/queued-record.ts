import type { UsageRecord } from '../record/index.js';

/** A record on its way; one object, shared by the queues of all storages that it goes to. */
export interface QueuedRecord {
  readonly record: UsageRecord;
  /** Rises with each record of the process. */
  readonly sequence: number;
  /** Estimated bytes. */
  readonly bytes: number;
  /** When it was queued: milliseconds of `performance.now()`, since clocks are set back. */
  readonly queuedAt: number;
  /** Whether it has been announced as stored. */
  announced: boolean;
}

/** Milliseconds that it has waited. */
export function ageOf({ queuedAt }: QueuedRecord): number {
  return performance.now() - queuedAt;
}
