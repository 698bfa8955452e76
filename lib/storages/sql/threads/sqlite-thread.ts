import { Worker } from 'node:worker_threads';
import {
  unpackError,
  type ThreadAnswer,
  type ThreadData,
  type ThreadRequest,
} from './thread-messages.js';

const NURSERY_MB = 4;

interface Waiting {
  readonly worker: Worker;
  readonly resolve: (answer: ThreadAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A thread that works on an SQLite file. It starts at the first request, keeps the process alive
 * only while requests are pending, and is replaced if it dies.
 */
export class SqliteThread {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private isClosed = false;
  /** Settled when the threads that were put to rest have ended. */
  private resting: Promise<unknown> = Promise.resolve();

  /**
   * @param script The code that the thread runs.
   * @param onRenewed Called after the file was gone and was recreated.
   */
  constructor(
    private readonly script: string,
    private readonly data: ThreadData,
    private readonly onRenewed: () => void = () => {},
  ) {}

  /**
   * Sends a request and resolves with the answer.
   *
   * @param worker The worker that the request belongs to. A request for one that died is not sent
   * to its replacement.
   * @param transfer Buffers that are moved instead of copied.
   * @throws {Error} if the request fails or the thread has ended.
   */
  request(
    request: ThreadRequest,
    worker = this.start(),
    transfer: ArrayBuffer[] = [],
  ): Promise<ThreadAnswer> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      if (worker !== this.worker) return reject(threadEndedError());
      this.waiting.set(id, { worker, resolve, reject });
      worker.ref();
      worker.postMessage({ ...request, id }, transfer);
    });
  }

  /**
   * The running worker, which is started if needed.
   *
   * @throws {Error} if the thread has been closed.
   */
  start(): Worker {
    if (this.isClosed) throw new Error('The storage has been closed.');
    if (this.worker) return this.worker;
    // The application's loaders and flags do not apply to this thread.
    const worker = new Worker(this.script, {
      eval: true,
      workerData: this.data,
      execArgv: [],
      // What the thread allocates lives as long as a batch, which fits a small nursery. A large one
      // would be memory that the application does not get back.
      resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
    });
    worker.unref();
    worker.on('message', (answer: ThreadAnswer) => this.answered(answer));
    worker.on('error', (error) => this.ended(worker, error));
    worker.on('exit', () => this.ended(worker, threadEndedError()));
    this.worker = worker;
    return worker;
  }

  /**
   * Ends the thread if no request is pending, so that its memory is free. The next request starts
   * another one.
   */
  rest(): void {
    const { worker } = this;
    if (!worker || this.waiting.size > 0) return;
    this.worker = null;
    this.resting = Promise.all([this.resting, end(worker)]);
  }

  /** Ends the thread once it has answered all requests. */
  async close(): Promise<void> {
    this.isClosed = true;
    if (this.worker) await end(this.worker);
    await this.resting;
  }

  /** Ends the thread at once. Uncommitted writes are lost. */
  terminate(): void {
    this.isClosed = true;
    void this.worker?.terminate();
  }

  private answered(answer: ThreadAnswer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0 && !this.isClosed) this.worker?.unref();
    if (answer.isRenewed) this.onRenewed();
    if (answer.error) waiting?.reject(unpackError(answer.error));
    else waiting?.resolve(answer);
  }

  private ended(worker: Worker, error: Error): void {
    if (this.worker === worker) this.worker = null;
    for (const [id, waiting] of this.waiting) {
      if (waiting.worker !== worker) continue;
      this.waiting.delete(id);
      waiting.reject(error);
    }
  }
}

/** Tells a worker to end when it has answered all requests. Resolves when it has. */
async function end(worker: Worker): Promise<void> {
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.ref();
  worker.postMessage({ kind: 'close' });
  await exited;
}

function threadEndedError(): Error {
  return new Error('SqlStorage: the thread that works on the SQLite file has ended.');
}
