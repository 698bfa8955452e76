/** The time limit passed. */
export class CallTimeoutError extends Error {}

/** Too many calls wait already, or none is made for now. */
export class CallRefusedError extends Error {}

interface Waiter {
  start(): void;
  refuse(): void;
}

/** Makes calls, a few at a time, each within a time limit that includes the wait for its turn. */
export class BoundedCalls {
  private running = 0;
  private readonly waiting = new Set<Waiter>();

  /** @param timeout Milliseconds. */
  constructor(
    private readonly concurrency: number,
    private readonly maxWaiting: number,
    private readonly timeout: number,
  ) {}

  get underWay(): number {
    return this.running;
  }

  /**
   * The call's own result, or a CallTimeoutError or CallRefusedError. A call that goes on after
   * its time is no longer counted: `signal` has asked it to stop.
   */
  async run<T>(call: (signal: AbortSignal) => T | Promise<T>): Promise<T> {
    const limit = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const timedOut = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new CallTimeoutError(`No answer within ${this.timeout} ms.`));
        limit.abort();
      }, this.timeout);
    });
    try {
      await Promise.race([this.turn(limit.signal), timedOut]);
      try {
        return await Promise.race([call(limit.signal), timedOut]);
      } finally {
        this.leave();
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Refuses all that have not begun. */
  refuseWaiting(): void {
    for (const waiter of this.waiting) waiter.refuse();
  }

  private turn(signal: AbortSignal): Promise<void> {
    if (this.running < this.concurrency) {
      this.running++;
      return Promise.resolve();
    }
    if (this.waiting.size >= this.maxWaiting) return Promise.reject(refused());
    return new Promise((resolve, reject) => {
      const leaveQueue = () => this.waiting.delete(waiter);
      const waiter: Waiter = {
        start: () => {
          leaveQueue();
          signal.removeEventListener('abort', leaveQueue);
          this.running++;
          resolve();
        },
        refuse: () => {
          leaveQueue();
          reject(refused());
        },
      };
      this.waiting.add(waiter);
      signal.addEventListener('abort', leaveQueue, { once: true });
    });
  }

  private leave(): void {
    this.running--;
    const [next] = this.waiting;
    next?.start();
  }
}

function refused(): CallRefusedError {
  return new CallRefusedError('Too many calls wait, or the source is down.');
}
