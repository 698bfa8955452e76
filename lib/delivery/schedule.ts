import type { Backlog } from './backlog.js';
import { waitingTimeMs } from './record-queue.js';

/**
 * When what waits goes out: when a batch is full, when its oldest record has waited long enough,
 * when it is flushed, and at once while the application shuts down.
 */
export class Schedule {
  isDraining = false;
  private flushSequence = -1;
  private timer: NodeJS.Timeout | undefined;

  /** @param interval Milliseconds that a record waits for others at most. */
  constructor(
    private readonly backlog: Backlog,
    private readonly interval: number,
    private readonly start: () => void,
  ) {}

  get isDue(): boolean {
    const { oldest, hasBatchInFlight: isHolding, isBatchReady: isRipe } = this.backlog;
    if (oldest === undefined) return false;
    return (
      isHolding ||
      isRipe ||
      this.isDraining ||
      oldest.sequence <= this.flushSequence ||
      waitingTimeMs(oldest) >= this.interval
    );
  }

  /** What came up to `mark` does not wait for more. */
  flush(mark: number): void {
    this.flushSequence = Math.max(this.flushSequence, mark);
  }

  /** Starts when the oldest record has waited long enough, unless it is about to already. */
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
