import { keyOf, NO_KEY, OTHER_KEY } from '../../summary/index.js';

/**
 * Limits how many consumers become label values. The first `max` consumers have a value of their
 * own, all others share `(other)`.
 */
export class ConsumerCap {
  private readonly admitted = new Set<string>();

  constructor(readonly max: number) {}

  /**
   * The label value of a consumer: `(none)` for null. One that reads `(none)` or `(other)` starts
   * with a backslash, as in summaries.
   */
  valueOf(consumer: string | null): string {
    const value = keyOf(consumer) ?? NO_KEY;
    if (consumer === null || this.admitted.has(value)) return value;
    if (this.admitted.size >= this.max) return OTHER_KEY;
    this.admitted.add(value);
    return value;
  }

  clear(): void {
    this.admitted.clear();
  }
}
