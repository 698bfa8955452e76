import type { QuietLogger } from '../support/usage-logger.js';
import type { DropReason } from '../storages/contract/storage-stats.js';
import { messageOf } from '../support/thrown-value.js';

/** An episode ends after this time without a dropped record. */
const QUIET_TIME_MS = 10_000;

const REASON_TEXT: Record<DropReason, string> = {
  overflow: 'its queue is full (maxPending, maxPendingBytes)',
  refused: 'it refuses them, and takes the records beside them',
  shutdown: 'the time for draining ran out (shutdownTimeout)',
  closed: 'they came after it was closed',
  anonymize: 'the function anonymize failed',
  enrichment: 'no record could be made',
  unreadable: 'their lines in the journal are damaged or gone',
};

interface DropEpisode {
  count: number;
  /** Of `performance.now()`. */
  last: number;
}

/** Counts dropped records, and logs once when dropping begins and once when it has ended. */
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
    const episode = this.episodes.get(reason);
    if (episode === undefined) this.begin(reason, count, cause);
    else {
      episode.count += count;
      episode.last = performance.now();
    }
  }

  /** Counts the records that are dropped because the process ends, and logs them in one line. */
  addProcessEnd(count: number): void {
    this.dropped.shutdown = (this.dropped.shutdown ?? 0) + count;
    this.logger.error(
      `Storage '${this.storage}' drops ${count} usage records: the process ends before they are ` +
        'stored (process.exit(), or an exception or a rejection that nobody handled). ' +
        'app.close() stores waiting records.',
    );
  }

  /** Ends every episode. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    for (const [reason, episode] of this.episodes) this.end(reason, episode);
  }

  private begin(reason: DropReason, count: number, cause: unknown): void {
    this.episodes.set(reason, { count, last: performance.now() });
    this.logger.error(
      `Storage '${this.storage}' drops usage records: ${REASON_TEXT[reason]}${cause === undefined ? '' : `: ${messageOf(cause)}`}`,
    );
    if (!this.closed && this.timer === undefined) this.watch();
  }

  private watch(): void {
    this.timer = setTimeout(() => {
      this.timer = undefined;
      for (const [reason, episode] of this.episodes)
        if (performance.now() - episode.last >= QUIET_TIME_MS) this.end(reason, episode);
      if (this.episodes.size > 0) this.watch();
    }, QUIET_TIME_MS);
    this.timer.unref();
  }

  private end(reason: DropReason, { count }: DropEpisode): void {
    this.episodes.delete(reason);
    this.logger.warn(
      `Storage '${this.storage}' dropped ${count} usage records: ${REASON_TEXT[reason]}. It drops no more.`,
    );
  }
}
