/** A query that runs, or waits for its turn. */
interface Running {
  readonly promise: Promise<unknown>;
  readonly controller: AbortController;
  askers: number;
}

/** Ends a query, in the database too. */
type Ask<T> = (signal: AbortSignal) => Promise<T>;

/** How many queries of a kind run, and those that wait to. */
interface Lane {
  running: number;
  readonly waiting: (() => void)[];
}

/** How long an answer is given again to those who ask the same. */
const SHARED_MS = 5000;

/**
 * Runs the queries of all viewers: a few at once, the others after them. Those that take long wait
 * for the quick ones, and leave places free for them. Viewers who ask the same share one query, and
 * its answer for some seconds. A query ends when the last who asked it has gone.
 */
export class QueryPool {
  private readonly running = new Map<string, Running>();
  private readonly quick: Lane = { running: 0, waiting: [] };
  private readonly long: Lane = { running: 0, waiting: [] };
  private readonly longAtOnce: number;

  /** @param atOnce The most that run at once. Half of them may take long. */
  constructor(private readonly atOnce: number) {
    this.longAtOnce = Math.max(1, atOnce >> 1);
  }

  /**
   * @param key Equal for equal queries.
   * @param isLong Whether the query is likely to take long.
   */
  run<T>(key: string, signal: AbortSignal, ask: Ask<T>, isLong = false): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    let running = this.running.get(key);
    if (!running) this.running.set(key, (running = this.start(key, ask, isLong)));
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

  private start<T>(key: string, ask: Ask<T>, isLong: boolean): Running {
    const controller = new AbortController();
    const forget = () => {
      if (this.running.get(key)?.controller === controller) this.running.delete(key);
    };
    // What has been ended answers nobody who comes later.
    controller.signal.addEventListener('abort', forget);
    const promise = this.inTurn(controller.signal, ask, isLong ? this.long : this.quick);
    promise.then(() => setTimeout(forget, SHARED_MS).unref(), forget);
    return { promise, controller, askers: 0 };
  }

  private async inTurn<T>(signal: AbortSignal, ask: Ask<T>, lane: Lane): Promise<T> {
    const turn = new Promise<void>((resolve) => lane.waiting.push(resolve));
    // Those that are asked in the same turn are all known before the first begins.
    queueMicrotask(() => this.next());
    await turn;
    try {
      signal.throwIfAborted();
      return await ask(signal);
    } finally {
      lane.running--;
      this.next();
    }
  }

  private next(): void {
    const { quick, long } = this;
    while (quick.running + long.running < this.atOnce && begin(quick));
    // A database that works at one query at a time would keep the quick ones waiting.
    if (quick.running === 0) while (long.running < this.longAtOnce && begin(long));
  }
}

/** Gives the turn to the first that waits in a lane. */
function begin(lane: Lane): boolean {
  const turn = lane.waiting.shift();
  if (!turn) return false;
  lane.running++;
  turn();
  return true;
}
