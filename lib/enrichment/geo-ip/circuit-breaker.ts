/** When a circuit breaker opens, and for how long. */
export interface BreakerLimits {
  /** Number of failures in a row that open the breaker. */
  readonly failures: number;
  /** Milliseconds until the first attempt after that. Each failed attempt doubles the pause. */
  readonly pause: number;
  /** The longest pause in milliseconds. */
  readonly maxPause: number;
}

/** Stops calls to a source that is down. After each pause, lets one attempt through. */
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

  /** Whether a call may be made now. If true, the caller must make it and then call `report`. */
  mayCall(): boolean {
    if (!this.isOpen) return true;
    if (this.attempting || this.now() < this.nextAttempt) return false;
    this.attempting = true;
    return true;
  }

  /**
   * Records the result of a call.
   *
   * @returns `'opened'` or `'closed'` if the result changed the breaker, else null.
   */
  report(succeeded: boolean): 'opened' | 'closed' | null {
    const wasOpen = this.isOpen;
    // A call that began before the breaker opened must not extend the pause.
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
