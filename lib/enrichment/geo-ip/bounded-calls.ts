/** The call did not answer within the time limit. */
export class CallTimeoutError extends Error {}

/** The call was not made: too many calls wait, or `refuseWaiting` was called. */
export class CallRefusedError extends Error {}

interface Waiter {
  start(): void;
  refuse(): void;
}

/** Limits how many calls run at once. The time limit of a call includes its wait in the queue. */
export class BoundedCalls {
  private running = 0;
  private readonly waiting = new Set<Waiter>();

  /**
   * @param concurrency The most calls that run at once.
   * @param maxWaiting The most calls in the queue.
   * @param timeout Time limit of a call in milliseconds.
   */
  constructor(
    private readonly concurrency: number,
    private readonly maxWaiting: number,
    private readonly timeout: number,
  ) {}

  get underWay(): number {
    return this.running;
  }

  /**
   * Runs a call and returns its result. On timeout, aborts `signal` and stops counting the call as
   * running, even if it continues.
   *
   * @throws {CallTimeoutError} if the time limit passes.
   * @throws {CallRefusedError} if the queue is full or `refuseWaiting` is called.
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

  /** Rejects all calls in the queue. */
  refuseWaiting(): void {
    for (const waiter of this.waiting) waiter.refuse();
  }

  private turn(signal: AbortSignal): Promise<void> {
    if (this.running < this.concurrency) {
      this.running++;
      return Promise.resolve();
    }
    if (this.waiting.size >= this.maxWaiting) return Promise.reject(callRefusedError());
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
          reject(callRefusedError());
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

function callRefusedError(): CallRefusedError {
  return new CallRefusedError('Too many calls wait, or the source is down.');
}
