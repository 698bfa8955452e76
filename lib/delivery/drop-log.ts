import type { QuietLogger } from '../support/usage-logger.js';
import type { DropReason } from './storage-stats.js';
import { messageOf } from '../support/thrown-value.js';

/** Milliseconds without a loss after which it is over. */
const QUIET_TIME_MS = 10_000;

const REASON_TEXT: Record<DropReason, string> = {
  overflow: 'its queue is full (maxPending, maxPendingBytes)',
  refused: 'it refuses records whose neighbours it takes',
  shutdown: 'the time for draining ran out (shutdownTimeout)',
  closed: 'they came after it was closed',
  anonymize: 'the function anonymize failed',
  enrichment: 'no record could be made',
};

interface DropEpisode {
  count: number;
  /** Of `performance.now()`. */
  last: number;
}

/** Counts what is given up, and says so once when a loss begins and once when it has ended. */
export class DropLog {
  readonly dropped: Partial<Record<DropReason, number>> = {};
  private readonly episodes = new Map<DropReason, DropEpisode>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly storage: string,
    private readonly logger: QuietLogger,
  ) {}

  add(reason: DropReason, count: number, cause?: unknown): void {
    this.dropped[reason] = (this.dropped[reason] ?? 0) + count;
    const loss = this.episodes.get(reason);
    if (loss === undefined) this.begin(reason, count, cause);
    else {
      loss.count += count;
      loss.last = performance.now();
    }
  }

  /** Counts what is given up because the process ends: in one line, for there is time for no more. */
  addProcessEnd(count: number): void {
    this.dropped.shutdown = (this.dropped.shutdown ?? 0) + count;
    this.logger.error(
      `Storage '${this.storage}' loses ${count} usage records: the process ends before they are ` +
        'stored (process.exit(), or an exception or a rejection that nobody handled). ' +
        'app.close() stores what waits.',
    );
  }

  /** Ends every loss, since no more is to come but what comes too late. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const [reason, loss] of this.episodes) this.end(reason, loss);
  }

  private begin(reason: DropReason, count: number, cause: unknown): void {
    this.episodes.set(reason, { count, last: performance.now() });
    this.logger.error(
      `Storage '${this.storage}' loses usage records: ${REASON_TEXT[reason]}${cause === undefined ? '' : `: ${messageOf(cause)}`}`,
    );
    if (!this.closed && this.timer === undefined) this.watch();
  }

  private watch(): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      for (const [reason, loss] of this.episodes)
        if (performance.now() - loss.last >= QUIET_TIME_MS) this.end(reason, loss);
      if (this.episodes.size > 0) this.watch();
    }, QUIET_TIME_MS);
    this.timer.unref();
  }

  private end(reason: DropReason, { count }: DropEpisode): void {
    this.episodes.delete(reason);
    this.logger.warn(
      `Storage '${this.storage}' lost ${count} usage records, since ${REASON_TEXT[reason]}; no more are being lost.`,
    );
  }
}
