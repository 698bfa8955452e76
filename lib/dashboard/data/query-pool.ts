/** A query that runs, or waits for its turn. */
interface Running {
  readonly promise: Promise<unknown>;
  readonly controller: AbortController;
  askers: number;
}

/** Ends a query, in the database too. */
type Ask<T> = (signal: AbortSignal) => Promise<T>;

/** How long an answer is given again to those who ask the same. */
const SHARED_MS = 5000;

/**
 * Runs the queries of all viewers: a few at once, the others after them. Those who ask the same share
 * one query, and its answer for some seconds. A query ends when the last who asked it has gone.
 */
export class QueryPool {
  private readonly running = new Map<string, Running>();
  private readonly turns: (() => void)[] = [];
  private free: number;

  constructor(atOnce: number) {
    this.free = atOnce;
  }

  /** @param key Equal for equal queries. */
  run<T>(key: string, signal: AbortSignal, ask: Ask<T>): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    let running = this.running.get(key);
    if (!running) this.running.set(key, (running = this.start(key, ask)));
    const { promise } = running as Running & { promise: Promise<T> };
    running.askers++;
    return this.wait(running, promise, signal);
  }

  private wait<T>(running: Running, promise: Promise<T>, signal: AbortSignal): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const leave = () => {
        signal.removeEventListener('abort', onAbort);
        running.askers--;
      };
      const onAbort = () => {
        leave();
        if (running.askers === 0) running.controller.abort(signal.reason);
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort);
      promise.then(
        (value) => {
          leave();
          resolve(value);
        },
        (error: Error) => {
          leave();
          reject(error);
        },
      );
    });
  }

  private start<T>(key: string, ask: Ask<T>): Running {
    const controller = new AbortController();
    const forget = () => {
      if (this.running.get(key)?.controller === controller) this.running.delete(key);
    };
    // What has been ended answers nobody who comes later.
    controller.signal.addEventListener('abort', forget);
    const promise = this.inTurn(controller.signal, ask);
    promise.then(() => setTimeout(forget, SHARED_MS).unref(), forget);
    return { promise, controller, askers: 0 };
  }

  private async inTurn<T>(signal: AbortSignal, ask: Ask<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.turns.push(resolve));
    try {
      signal.throwIfAborted();
      return await ask(signal);
    } finally {
      const next = this.turns.shift();
      if (next) next();
      else this.free++;
    }
  }
}
