import type { LoggerService } from '@nestjs/common';
import type { DropReason } from './storage-stats.js';

const MEANING: Record<DropReason, string> = {
  overflow: 'its queue is full (maxPending, maxPendingBytes)',
  refused: 'it refuses records whose neighbours it takes',
  shutdown: 'the time for draining ran out (shutdownTimeout)',
  closed: 'they came after it was closed',
  anonymize: 'the function anonymize failed',
  enrichment: 'no record could be made',
};

/** Counts what is given up, and says so once when a loss begins and once when it ends. */
export class LossLog {
  readonly dropped: Partial<Record<DropReason, number>> = {};
  private current = 0;

  constructor(
    private readonly storage: string,
    private readonly logger: LoggerService,
  ) {}

  add(reason: DropReason, count: number, cause?: Error): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
    if (this.current === 0)
      this.logger.error(
        `Storage '${this.storage}' loses usage records: ${MEANING[reason]}${cause ? `: ${cause.message}` : ''}`,
      );
    this.current += count;
  }

  /** Nothing is being lost any more. */
  end(): void {
    if (this.current === 0) return;
    this.logger.warn(
      `Storage '${this.storage}' lost ${this.current} usage records; no more are being lost.`,
    );
    this.current = 0;
  }
}
