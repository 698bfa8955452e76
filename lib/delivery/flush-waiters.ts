import { LONGEST_TIMER_MS } from '../support/time-limit.js';

interface Waiter {
  readonly sequence: number;
  readonly settle: (passed: boolean) => void;
}

/** Promises that wait until everything up to a sequence number is done, each with a timeout. */
export class FlushWaiters {
  private readonly waiters = new Set<Waiter>();

  /** Whether a promise is waiting. */
  get any(): boolean {
    return this.waiters.size > 0;
  }

  /** Resolves to true once `sequence` is passed, to false after `timeout` milliseconds. */
  wait(sequence: number, timeout: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (passed: boolean) => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
        resolve(passed);
      };
      const timer = setTimeout(() => settle(false), Math.min(timeout, LONGEST_TIMER_MS));
      const waiter = { sequence, settle };
      this.waiters.add(waiter);
    });
  }

  /** Settles the promises whose sequence number is passed. */
  settle(isPassed: (sequence: number) => boolean): void {
    for (const { sequence, settle } of this.waiters) if (isPassed(sequence)) settle(true);
  }
}
