import type { JsonValue, UsageRecord } from '../record/index.js';

const DIMENSION = /^[A-Za-z][\w.:-]{0,63}$/;

/**
 * A hook that makes its storage keep a summary: hits, bytes, errors, latency and the other counts
 * of `UsageSum`, by hour, day and month, for each key of one dimension. The storage writes them in
 * the same step as the records.
 *
 * @publicApi
 */
export class SummaryHook {
  /**
   * @param dimension Name of the summary for `getSum`, such as `'url'` or one of the application's
   * own: a letter, then at most 63 letters, digits, `_`, `.`, `:` or `-`.
   * @param key Returns the key that a record counts under: text, a number or a boolean. Null and
   * undefined count under `(none)`. If it throws or returns anything else, the record counts under
   * `(none)` and the failure is reported. It is called again when a batch is repeated and when sums
   * are rebuilt, so it must return the same key for the same record.
   * @throws {TypeError} if the name has another shape or the key is not a function.
   */
  constructor(
    readonly dimension: string,
    readonly key: (record: UsageRecord) => JsonValue | undefined,
  ) {
    if (typeof dimension !== 'string' || !DIMENSION.test(dimension))
      throw new TypeError(
        `summary: expected a dimension's name, a letter followed by at most 63 letters, digits, ` +
          `'_', '.', ':' or '-', but got ${JSON.stringify(dimension)}.`,
      );
    if (typeof key !== 'function')
      throw new TypeError(
        `summary('${dimension}'): expected a function that gives a record's key, such as ` +
          `(record) => record.username, but got ${typeof key}.`,
      );
  }
}

/**
 * Creates a summary by a key of the application's own.
 *
 * @example
 * new SqlStorage({ hooks: [summary('tenant', (record) => record.trackVar?.tenant)] });
 *
 * @throws {TypeError} if the name has another shape or the key is not a function.
 *
 * @publicApi
 */
export function summary(dimension: string, key: SummaryHook['key']): SummaryHook {
  return new SummaryHook(dimension, key);
}
