// Node ends a longer timer at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

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
    return withinTime(Promise.all(this.earlier), timeout);
  }
}

async function withinTime(work: Promise<unknown>, timeout: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, Math.min(timeout, LONGEST_TIMER_MS), false);
  });
  const inTime = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
