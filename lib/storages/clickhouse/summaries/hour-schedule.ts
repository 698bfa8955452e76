import type { LoggerService } from '@nestjs/common';
import type { HourCounter } from './hour-counter.js';

const INTERVAL_MS = 300_000;

/**
 * Counts past hours every five minutes once records have been stored. Where several processes do, one
 * counts while the others wait for their next turn. A failure changes no figure, only the time that reading takes.
 */
export class HourSchedule {
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private readonly controller = new AbortController();
  private isTold = false;

  constructor(
    private readonly counter: Pick<HourCounter, 'advance'>,
    private readonly logger: Pick<LoggerService, 'warn'>,
  ) {}

  /** Starts, unless it has started or stopped. */
  start(): void {
    if (this.timer || this.controller.signal.aborted) return;
    // Not all at once, where many processes start together.
    this.timer = setTimeout(
      () => {
        this.running = this.run();
      },
      INTERVAL_MS * (0.2 + 0.8 * Math.random()),
    );
    this.timer.unref();
  }

  /** Stops, and waits for what is under way. */
  async stop(): Promise<void> {
    this.controller.abort();
    if (this.timer) clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    try {
      await this.counter.advance(this.controller.signal);
      this.isTold = false;
    } catch (error) {
      if (!this.isTold)
        this.logger.warn(
          `Past hours could not be counted, and sums take longer to read: ${(error as Error).message}`,
        );
      this.isTold = true;
    }
    this.timer = null;
    this.running = null;
    this.start();
  }
}
