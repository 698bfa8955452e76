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
 * A thread that works on an SQLite file. It is started when it is first asked, keeps the process
 * alive while it has work and no longer, and is replaced when it dies.
 */
export class SqliteThread {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private isClosed = false;

  /**
   * @param script What the thread runs.
   * @param onRenewed Is told when the file was gone and has been made anew.
   */
  constructor(
    private readonly script: string,
    private readonly data: ThreadData,
    private readonly onRenewed: () => void = () => {},
  ) {}

  /**
   * @param worker The one that it is meant for: what is half done by one that died is not gone on
   * with by the next.
   * @throws {Error} what the statement threw, or that the thread has ended.
   */
  request(
    request: ThreadRequest,
    worker = this.start(),
    transfer: ArrayBuffer[] = [],
  ): Promise<ThreadAnswer> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      if (worker !== this.worker) return reject(ended());
      this.waiting.set(id, { worker, resolve, reject });
      worker.ref();
      worker.postMessage({ ...request, id }, transfer);
    });
  }

  /** The thread, which is started if it is not running. */
  start(): Worker {
    if (this.isClosed) throw new Error('The storage has been closed.');
    if (this.worker) return this.worker;
    // The loaders and flags of the application are not for this thread.
    const worker = new Worker(this.script, {
      eval: true,
      workerData: this.data,
      execArgv: [],
      // What it allocates lives as long as a batch: a small nursery holds it, and a large one
      // would be memory that the application does not get back.
      resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
    });
    worker.unref();
    worker.on('message', (answer: ThreadAnswer) => this.answered(answer));
    worker.on('error', (error) => this.ended(worker, error));
    worker.on('exit', () => this.ended(worker, ended()));
    this.worker = worker;
    return worker;
  }

  /** Ends the thread when it has answered what it was asked. */
  async close(): Promise<void> {
    this.isClosed = true;
    const { worker } = this;
    if (!worker) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.ref();
    worker.postMessage({ kind: 'close' });
    await exited;
  }

  /** Ends the thread at once, and what it has not committed with it. */
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

function ended(): Error {
  return new Error('SqlStorage: the thread that works on the SQLite file has ended.');
}
