import type { LoggerService } from '@nestjs/common';
import type { BatchWriter } from './batch-writer.js';
import { TIMING } from './journal-entry.js';

/**
 * Finishes what others have begun: sealed batches are applied, open ones cancelled when their
 * writer's time is over, and the records of cancelled ones counted.
 */
export class StalledBatchRecovery {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly writer: BatchWriter,
    private readonly logger: LoggerService,
  ) {}

  start(): void {
    this.timer = setTimeout(() => {
      this.running = this.run();
    }, TIMING.patrol);
    // Other processes' batches are no reason for this one to stay.
    this.timer.unref();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** @param age Milliseconds after which a sealed batch is not left to its writer. */
  async look(age = TIMING.sealed): Promise<void> {
    for (const stalled of await this.writer.log.stalled(age)) await this.writer.complete(stalled);
    for (const each of await this.writer.log.all())
      if (each.state === 'open' && !this.writer.log.isOwn(each)) await this.writer.log.cancel(each);
    await this.writer.sweep();
  }

  private async run(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      this.logger.debug?.(`Unfinished batches could not be looked for: ${String(error)}`);
    }
    if (!this.stopped) this.start();
  }
}
