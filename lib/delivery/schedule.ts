import type { Backlog } from './backlog.js';
import { waitingTimeMs } from './record-queue.js';

/**
 * Decides when waiting records are sent: when a batch is full, when the oldest record has waited
 * for `flushInterval`, on a flush, and at once while the application shuts down.
 */
export class Schedule {
  isDraining = false;
  private flushSequence = -1;
  private timer: NodeJS.Timeout | undefined;

  /** @param interval The longest time in milliseconds that a record waits for others. */
  constructor(
    private readonly backlog: Backlog,
    private readonly interval: number,
    private readonly start: () => void,
  ) {}

  get isDue(): boolean {
    const { oldest, hasBatchInFlight, isBatchReady } = this.backlog;
    if (oldest === undefined) return false;
    return (
      hasBatchInFlight ||
      isBatchReady ||
      this.isDraining ||
      oldest.sequence <= this.flushSequence ||
      waitingTimeMs(oldest) >= this.interval
    );
  }

  /** Makes records up to `sequence` due now. */
  flush(sequence: number): void {
    this.flushSequence = Math.max(this.flushSequence, sequence);
  }

  /** Starts the timer for the oldest record, unless it is running. */
  arm(): void {
    const { oldest } = this.backlog;
    if (oldest === undefined || this.timer !== undefined) return;
    this.timer = setTimeout(this.start, Math.max(0, this.interval - waitingTimeMs(oldest)));
  }

  disarm(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
