/** How often something may fail before it is left alone, and for how long. */
export interface BreakerLimits {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** Milliseconds before the first attempt after that; doubled by each that fails. */
  readonly pause: number;
  readonly maxPause: number;
}

/** Keeps callers away from what is down, but for one attempt now and then. */
export class CircuitBreaker {
  private failuresInRow = 0;
  private pause = 0;
  private nextAttempt = 0;
  private attempting = false;

  constructor(
    private readonly limits: BreakerLimits,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get isOpen(): boolean {
    return this.pause > 0;
  }

  /** Milliseconds from the last failure to the next attempt. */
  get currentPause(): number {
    return this.pause;
  }

  /** Whether a call may be made now. One that is made must be followed by `report`. */
  mayCall(): boolean {
    if (!this.isOpen) return true;
    if (this.attempting || this.now() < this.nextAttempt) return false;
    this.attempting = true;
    return true;
  }

  /** @returns What the result changed: `'opened'`, `'closed'`, or nothing. */
  report(succeeded: boolean): 'opened' | 'closed' | null {
    const wasOpen = this.isOpen;
    // A call from before it opened tells nothing new.
    if (wasOpen && !this.attempting && !succeeded) return null;
    this.attempting = false;
    if (succeeded) {
      this.failuresInRow = 0;
      this.pause = 0;
      return wasOpen ? 'closed' : null;
    }
    this.failuresInRow++;
    if (this.failuresInRow < this.limits.failures) return null;
    this.pause = wasOpen ? Math.min(this.pause * 2, this.limits.maxPause) : this.limits.pause;
    this.nextAttempt = this.now() + this.pause;
    return wasOpen ? null : 'opened';
  }
}
