import { withTimeLimit } from '../../support/time-limit.js';

/** Requests that were answered within the same time, until all of them are recorded. */
export class Cohort {
  size = 0;
  whenEmpty: (() => void) | undefined;
}

/**
 * Requests whose response the application has handed over, and that are not recorded yet: the last
 * byte may still have to leave. Those who wait for them need not wait for later ones.
 */
export class AnsweredRequests {
  private current = new Cohort();
  /** Those that somebody has waited for. */
  private readonly earlier = new Set<Promise<void>>();

  enter(): Cohort {
    this.current.size++;
    return this.current;
  }

  leave(cohort: Cohort): void {
    if (--cohort.size === 0) cohort.whenEmpty?.();
  }

  /**
   * Resolves to true when all that have entered have left, to false when the time ran out first.
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
