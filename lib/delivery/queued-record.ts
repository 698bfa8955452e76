import type { UsageRecord } from '../record/index.js';

/** A record on its way; one object, shared by the queues of all storages that it goes to. */
export class QueuedRecord {
  /** When it was queued: milliseconds of `performance.now()`, since clocks are set back. */
  readonly queuedAt = performance.now();
  /** Whether it has been announced as stored. */
  announced = false;

  constructor(
    readonly record: UsageRecord,
    /** Rises with each record of the process. */
    readonly sequence: number,
    /** Estimated bytes. */
    readonly bytes: number,
  ) {}
}

/** Milliseconds that it has waited. */
export function ageOf({ queuedAt }: QueuedRecord): number {
  return performance.now() - queuedAt;
}
