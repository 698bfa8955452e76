import type { UsageRecord } from '../record/index.js';

/**
 * A hook that keeps sums: hits, bytes, errors and latency by hour, day and month for each key of
 * one dimension. The storage that it is given to keeps them, in the same step as the records.
 *
 * @publicApi
 */
export class SummaryHook {
  /**
   * @param dimension Name that `getSum` knows it by, `'url'` or one of the application's own.
   * @param key What a record counts under; null or undefined counts under `(none)`.
   */
  constructor(
    readonly dimension: string,
    readonly key: (record: UsageRecord) => string | number | null | undefined,
  ) {}
}

/**
 * Makes a summary of one's own.
 *
 * @example
 * new SqlStorage({ hooks: [summary('tenant', (record) => record.trackVar?.tenant as string)] });
 *
 * @publicApi
 */
export function summary(dimension: string, key: SummaryHook['key']): SummaryHook {
  return new SummaryHook(dimension, key);
}
