import type { UsageRecord } from '../record/index.js';
import type { SummaryHook } from './summary-hook.js';
import { SummaryKeyError } from './summary-key.error.js';
import { keyOf } from './summary-key.js';

/** Told that a summary's key function failed. What it throws is ignored. */
export type KeyErrorHandler = (error: SummaryKeyError) => void;

/**
 * Asks one summary's key function, which is the application's and may do anything, and tells of
 * failures: of the first, the tenth, the hundredth and so on, for one may come with every record.
 */
export class KeyReader {
  readonly dimension: string;
  private readonly key: SummaryHook['key'];
  private failures = 0;
  private nextTold = 1;

  constructor(
    { dimension, key }: SummaryHook,
    private readonly onError: KeyErrorHandler = () => {},
  ) {
    this.dimension = dimension;
    this.key = key;
  }

  /** What the function gives; null if it throws. */
  read(record: UsageRecord): unknown {
    try {
      return this.key(record);
    } catch (thrown) {
      this.failed(record, { thrown });
      return null;
    }
  }

  /** The key that stands for what `read` gave; undefined for what is no key. */
  text(given: unknown, record: UsageRecord): string | undefined {
    const key = keyOf(given);
    if (key === undefined) this.failed(record, { given });
    return key;
  }

  private failed(record: UsageRecord, fault: { thrown?: unknown; given?: unknown }): void {
    try {
      // An async function is a likely mistake, and its rejection would have nobody to handle it.
      if (fault.given instanceof Promise) fault.given.catch(() => {});
      if (++this.failures < this.nextTold) return;
      this.nextTold *= 10;
      this.onError(new SummaryKeyError(this.dimension, record.id, this.failures, fault));
    } catch {
      // The record counts all the same.
    }
  }
}
