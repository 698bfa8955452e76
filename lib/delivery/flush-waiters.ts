import { LONGEST_TIMER_MS } from '../support/time-limit.js';

interface Waiter {
  readonly mark: number;
  readonly settle: (passed: boolean) => void;
}

/** Promises that wait for marks to be passed, each for a time of its own. */
export class FlushWaiters {
  private readonly waiters = new Set<Waiter>();

  /** Whether anybody waits. */
  get any(): boolean {
    return this.waiters.size > 0;
  }

  /** Resolves to true once `mark` is passed, to false after `timeout` milliseconds. */
  wait(mark: number, timeout: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (passed: boolean) => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
        resolve(passed);
      };
      const timer = setTimeout(() => settle(false), Math.min(timeout, LONGEST_TIMER_MS));
      const waiter = { mark, settle };
      this.waiters.add(waiter);
    });
  }

  /** Tells those whose mark is passed. */
  settle(isPassed: (mark: number) => boolean): void {
    for (const { mark, settle } of this.waiters) if (isPassed(mark)) settle(true);
  }
}
