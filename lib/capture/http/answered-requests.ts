import { withTimeLimit } from '../../support/time-limit.js';

/** Requests that were answered between two calls of `allLeft` and are not recorded yet. */
export class Cohort {
  size = 0;
  whenEmpty: (() => void) | undefined;
}

/**
 * Tracks requests whose response the application has handed over, but which are not recorded yet,
 * because the last byte may not have left. Callers of `allLeft` do not wait for later requests.
 */
export class AnsweredRequests {
  private current = new Cohort();
  /** Earlier cohorts, for which a caller of `allLeft` waits or has waited. */
  private readonly earlier = new Set<Promise<void>>();

  enter(): Cohort {
    this.current.size++;
    return this.current;
  }

  leave(cohort: Cohort): void {
    if (--cohort.size === 0) cohort.whenEmpty?.();
  }

  /**
   * Resolves to true when all requests that have entered so far have left, to false on timeout.
   *
   * @param timeout Milliseconds.
   */
  async allLeft(timeout: number): Promise<boolean> {
    const { current } = this;
    if (current.size > 0) {
      const left = new Promise<void>((resolve) => (current.whenEmpty = resolve));
      this.earlier.add(left);
      void left.then(() => this.earlier.delete(left));
      this.current = new Cohort();
    }
    if (this.earlier.size === 0) return true;
    const all = Promise.all(this.earlier).then(() => true);
    return withTimeLimit(all, timeout, () => false);
  }
}
