import { Worker } from 'node:worker_threads';
import type { Batch, BatchWriter } from './batch-writer.js';
import { packRows } from './packed-rows.js';
import { RepeatedRecordsError } from './repeated-records.error.js';
import {
  OPENED,
  type WriteAnswer,
  type WriteError,
  type WriteRequest,
  type WriterWorkerData,
} from './worker-messages.js';

const NURSERY_MB = 4;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Writes batches in a thread of its own. One that dies is replaced at the next batch. */
export class WorkerWriter implements BatchWriter {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = OPENED;

  /** @param script What the thread runs. */
  constructor(
    private readonly script: string,
    private readonly data: WriterWorkerData,
  ) {}

  /** Starts the thread ahead of the first batch. Rejects if there can be none. */
  async start(): Promise<void> {
    return this.answerOf(this.running(), OPENED);
  }

  async write({ rows, increments }: Batch): Promise<void> {
    const request: WriteRequest = { id: ++this.lastId, rows: packRows(rows), increments };
    const worker = this.running();
    const answer = this.answerOf(worker, request.id);
    worker.postMessage(request);
    return answer;
  }

  async close(): Promise<void> {
    const { worker } = this;
    if (!worker) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.ref();
    worker.postMessage('close');
    await ended;
  }

  private answerOf(worker: Worker, id: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      // The thread keeps the process alive while it has work, and no longer.
      worker.ref();
    });
  }

  private running(): Worker {
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
    worker.on('message', (answer: WriteAnswer) => this.answered(worker, answer));
    worker.on('error', (error) => this.ended(worker, error));
    worker.on('exit', () =>
      this.ended(worker, new Error('SqlStorage: the thread that writes has ended.')),
    );
    this.worker = worker;
    return worker;
  }

  private answered(worker: Worker, { id, error }: WriteAnswer): void {
    // A thread that could not open the file has nothing to answer with, whatever was asked.
    if (id === OPENED && error) return this.ended(worker, errorOf(error));
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.worker?.unref();
    if (error) waiting?.reject(errorOf(error));
    else waiting?.resolve();
  }

  private ended(worker: Worker, error: Error): void {
    if (this.worker !== worker) return;
    this.worker = null;
    const lost = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of lost) reject(error);
  }
}

function errorOf({ name, message, code }: WriteError): Error {
  if (name === 'RepeatedRecordsError') return new RepeatedRecordsError(message);
  return Object.assign(new Error(message), { name, ...(code && { code }) });
}
