import type { UsageRecord } from '../record/index.js';

/** A record on its way; one object, shared by the queues of all storages that it goes to. */
export interface QueuedRecord {
  readonly record: UsageRecord;
  /** Rises with each record of the process. */
  readonly sequence: number;
  /** Estimated bytes. */
  readonly bytes: number;
  /** Milliseconds since the epoch when it was queued. */
  readonly queuedAt: number;
  /** Whether it has been announced as stored. */
  announced: boolean;
}
