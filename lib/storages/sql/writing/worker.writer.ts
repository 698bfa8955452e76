import { Worker } from 'node:worker_threads';
import type { Batch, BatchWriter } from './batch-writer.js';
import { packRows } from './packed-rows.js';
import { RepeatedRecordsError } from './repeated-records.error.js';
import { workerFile } from './worker-file.js';
import type { WriteAnswer, WriteError, WriteRequest, WriterWorkerData } from './worker-messages.js';

const NURSERY_MB = 4;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Writes batches in a thread of its own. One that dies is replaced at the next batch. */
export class WorkerWriter implements BatchWriter {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  constructor(private readonly data: WriterWorkerData) {}

  write({ rows, increments }: Batch): Promise<void> {
    const request: WriteRequest = { id: ++this.lastId, rows: packRows(rows), increments };
    const worker = this.running();
    return new Promise((resolve, reject) => {
      this.waiting.set(request.id, { resolve, reject });
      // The thread keeps the process alive while it has work, and no longer.
      worker.ref();
      worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    const { worker } = this;
    if (!worker) return;
    const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.ref();
    worker.postMessage('close');
    await ended;
  }

  private running(): Worker {
    if (this.worker) return this.worker;
    // The loaders and flags of the application are not for this thread.
    const worker = new Worker(workerFile, {
      workerData: this.data,
      execArgv: [],
      // What it allocates lives as long as a batch: a small nursery holds it, and a large one
      // would be memory that the application does not get back.
      resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MB },
    });
    worker.unref();
    worker.on('message', (answer: WriteAnswer) => this.answered(answer));
    worker.on('error', (error) => this.ended(worker, error));
    worker.on('exit', () =>
      this.ended(worker, new Error('SqlStorage: the thread that writes has ended.')),
    );
    this.worker = worker;
    return worker;
  }

  private answered({ id, error }: WriteAnswer): void {
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
