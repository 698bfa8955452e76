const RETRY_BASE_DELAY_MS = 100;
const RETRY_MAX_DELAY_MS = 30_000;
/** The longest delay while a flush or a shutdown waits for the outcome. */
export const FLUSH_RETRY_MAX_DELAY_MS = 250;

/**
 * Milliseconds until the next attempt after `failures` failures in a row. Exponential with full
 * jitter, so that many processes do not retry at the same moment.
 */
export function retryDelayMs(failures: number, maxDelayMs = RETRY_MAX_DELAY_MS): number {
  return Math.random() * Math.min(maxDelayMs, RETRY_BASE_DELAY_MS * 2 ** Math.min(failures, 20));
}

/** A pause that can be cut short. */
export class Pause {
  private begun = 0;
  private timer: NodeJS.Timeout | undefined;
  private resolve: (() => void) | undefined;

  /** Resolves after `delay` milliseconds, or when it is ended. */
  wait(delay: number): Promise<void> {
    this.begun = performance.now();
    return new Promise((resolve) => {
      this.resolve = resolve;
      this.timer = setTimeout(this.end, delay);
    });
  }

  /** Limits the current pause to `delay` milliseconds from its beginning. */
  shorten(delay: number): void {
    if (this.resolve === undefined) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(this.end, Math.max(0, this.begun + delay - performance.now()));
  }

  /** Ends the current pause, if there is one. */
  readonly end = (): void => {
    clearTimeout(this.timer);
    this.resolve?.();
    this.resolve = undefined;
  };
}
