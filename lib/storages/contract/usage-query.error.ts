import { shownValue } from '../../support/shown-value.js';

/**
 * Thrown if a query has an unknown field or an invalid value.
 *
 * @publicApi
 */
export class UsageQueryError extends Error {
  override readonly name = 'UsageQueryError';

  /**
   * @param field The invalid field: `page`, `where.status`.
   * @param value The given value.
   * @param expected The allowed values.
   */
  constructor(
    readonly field: string,
    readonly value: unknown,
    expected: string,
  ) {
    super(`${field}: expected ${expected}, but got ${shownValue(value, 1)}.`);
  }
}
