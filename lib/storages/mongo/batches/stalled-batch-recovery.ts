import type { LoggerService } from '@nestjs/common';
import type { BatchWriter } from './batch-writer.js';
import { TIMING_MS } from './journal-entry.js';

/**
 * Recovers batches of other processes: applies committed ones, cancels pending ones whose writer's
 * lease has expired, and counts the records of cancelled ones.
 */
export class StalledBatchRecovery {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly batches: BatchWriter,
    private readonly logger: LoggerService,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.run();
    }, TIMING_MS.sweep);
    // Batches of other processes must not keep this process alive.
    this.timer.unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** @param ageMs Age from which a committed batch is not left to its own writer. */
  async sweep(ageMs = TIMING_MS.committed): Promise<void> {
    const { batches } = this;
    await batches.completeStalled(ageMs);
    for (const each of await batches.journal.all())
      if (each.state === 'pending' && !batches.journal.isOwn(each))
        await batches.journal.cancel(each);
    await batches.countCancelled();
  }

  private async run(): Promise<void> {
    try {
      await this.sweep();
    } catch (error) {
      this.logger.debug?.(`The sweep for stalled batches failed: ${String(error)}`);
    }
    if (!this.stopped) this.start();
  }
}
