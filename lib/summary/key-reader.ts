import type { UsageRecord } from '../record/index.js';
import type { KeptSummary } from './record-count.js';
import { SummaryKeyError } from './summary-key.error.js';
import { keyOf } from './summary-key.js';

/** Called when a summary's key function failed. Errors that it throws are ignored. */
export type KeyErrorHandler = (error: SummaryKeyError) => void;

/**
 * Calls the key function of one summary. The function is the application's, so it may throw or
 * return anything. Reports only the 1st, 10th, 100th … failure, because every record may fail.
 */
export class KeyReader {
  readonly dimension: string;
  private readonly key: KeptSummary['key'];
  private failures = 0;
  private nextTold = 1;

  constructor(
    { dimension, key }: KeptSummary,
    private readonly onError: KeyErrorHandler = () => {},
  ) {
    this.dimension = dimension;
    this.key = key;
  }

  /** What the key function returns; null if it throws. */
  read(record: UsageRecord): unknown {
    try {
      return this.key(record);
    } catch (thrown) {
      this.failed(record, { thrown });
      return null;
    }
  }

  /** The key for what `read` returned; undefined if that cannot be a key. */
  text(given: unknown, record: UsageRecord): string | undefined {
    const key = keyOf(given);
    if (key === undefined) this.failed(record, { given });
    return key;
  }

  private failed(record: UsageRecord, fault: { thrown?: unknown; given?: unknown }): void {
    try {
      // An async key function is a likely mistake. Nothing else would handle its rejection.
      if (fault.given instanceof Promise) fault.given.catch(() => {});
      if (++this.failures < this.nextTold) return;
      this.nextTold *= 10;
      this.onError(new SummaryKeyError(this.dimension, record.id, this.failures, fault));
    } catch {
      // A failing handler must not keep the record from being counted.
    }
  }
}
