import type { ThreadEngine } from './thread.engine.js';
import type { Batch, BatchWriter } from '../records/batch-writer.js';
import { packRows } from './packed-rows.js';

/** Writes batches in a thread of its own. One that dies is replaced at the next batch. */
export class WorkerWriter implements BatchWriter {
  constructor(private readonly engine: ThreadEngine) {}

  async write({ rows, increments }: Batch): Promise<void> {
    const packed = packRows(rows);
    const { queue, writer } = this.engine;
    await queue.run(() => writer.request({ kind: 'batch', rows: packed, increments }));
  }

  async close(): Promise<void> {}
}
