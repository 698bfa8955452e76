import type { JsonValue, UsageRecord } from '../record/index.js';

const DIMENSION = /^[A-Za-z][\w.:-]{0,63}$/;

/**
 * A hook that keeps sums: hits, bytes, errors and latency by hour, day and month for each key of
 * one dimension. The storage that it is given to keeps them, in the same step as the records.
 *
 * @publicApi
 */
export class SummaryHook {
  /**
   * @param dimension Name that `getSum` knows it by, `'url'` or one of the application's own: a
   * letter, then at most 63 letters, digits, `_`, `.`, `:` or `-`.
   * @param key What a record counts under: text, a number or a boolean. Null and undefined count
   * under `(none)`, and so does a record whose key throws or is of another kind, which is
   * reported. It is called again when a batch is repeated and when sums are rebuilt, so the same
   * record must give the same key.
   * @throws {TypeError} for a name of another shape, or a key that is no function.
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
 * Makes a summary of one's own.
 *
 * @example
 * new SqlStorage({ hooks: [summary('tenant', (record) => record.trackVar?.tenant)] });
 *
 * @throws {TypeError} for a name of another shape, or a key that is no function.
 *
 * @publicApi
 */
export function summary(dimension: string, key: SummaryHook['key']): SummaryHook {
  return new SummaryHook(dimension, key);
}
