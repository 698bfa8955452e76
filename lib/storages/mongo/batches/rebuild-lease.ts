import { setTimeout as pause } from 'node:timers/promises';
import type { SummaryIncrement } from '../../../summary/index.js';
import type { BatchWriter } from './batch-writer.js';
import type { WriterDocument } from './journal-entry.js';

/**
 * The right to correct sums: one at a time has it, whichever process it is in. What is corrected
 * goes the way of any batch, so that a correction that stops half-way is finished by others.
 */
export class RebuildLease {
  private constructor(
    private readonly batches: BatchWriter,
    private writer: WriterDocument,
  ) {}

  /** Waits for others to be done. */
  static async take(batches: BatchWriter): Promise<RebuildLease> {
    for (;;) {
      const writer = await batches.log.acquireRebuild();
      if (writer) return new RebuildLease(batches, writer);
      for (const stalled of await batches.log.stalled(0)) await batches.complete(stalled);
      await pause(20);
    }
  }

  /** @throws if another process has taken over, since this one had said nothing for long. */
  async keep(): Promise<void> {
    if (await this.batches.log.keep(this.writer)) return;
    throw new Error('Another process has begun to rebuild the summaries. Run the rebuild again.');
  }

  /** Adds corrections to the sums. */
  async correct(rows: readonly SummaryIncrement[]): Promise<void> {
    const begun = await this.batches.log.begin(this.writer, []);
    if (begun) {
      this.writer = begun;
      if (await this.batches.sealAndApply(begun, rows)) {
        this.writer = { ...begun, state: 'idle' };
        return;
      }
    }
    await this.keep();
    throw new Error('The corrections of the summaries were interrupted. Run the rebuild again.');
  }

  async end(): Promise<void> {
    await this.batches.log.release(this.writer);
  }
}
