import { setTimeout as pause } from 'node:timers/promises';
import type { SummaryIncrement } from '../../../summary/index.js';
import type { BatchWriter } from './batch-writer.js';
import type { JournalEntry } from './journal-entry.js';

const ROWS_AT_ONCE = 500;
const RETRY_DELAY_MS = 20;

/**
 * The lease to correct sums. One process has it at a time. A correction is stored like any batch,
 * so if it stops half-way, another process finishes it.
 */
export class RebuildLease {
  private constructor(
    private readonly batches: BatchWriter,
    private entry: JournalEntry,
  ) {}

  /** Acquires the lease. Waits until no other process has it. */
  static async acquire(batches: BatchWriter): Promise<RebuildLease> {
    for (;;) {
      const entry = await batches.journal.acquireRebuild();
      if (entry) return new RebuildLease(batches, entry);
      await batches.completeStalled(0);
      await pause(RETRY_DELAY_MS);
    }
  }

  /** @throws {Error} if the lease expired and another process has taken it. */
  async renew(): Promise<void> {
    if (await this.batches.journal.renew(this.entry)) return;
    throw new Error('Another process has begun to rebuild the summaries. Run the rebuild again.');
  }

  /**
   * Applies corrections to the sums.
   *
   * @param rows Each row once, in lock order. Up to 500 rows are stored as one batch.
   */
  async correct(rows: readonly SummaryIncrement[]): Promise<void> {
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
      await this.correctBatch(rows.slice(at, at + ROWS_AT_ONCE));
  }

  async release(): Promise<void> {
    this.batches.cap.forget();
    await this.batches.journal.release(this.entry);
  }

  private async correctBatch(rows: readonly SummaryIncrement[]): Promise<void> {
    const begun = await this.batches.journal.begin(this.entry, []);
    if (begun) {
      this.entry = begun;
      if ((await this.batches.commitAndApply(begun, rows)) === true) {
        this.entry = { ...begun, state: 'idle' };
        return;
      }
    }
    await this.renew();
    throw new Error('The corrections of the summaries were interrupted. Run the rebuild again.');
  }
}
