import { shownValue } from '../../support/shown-value.js';

/**
 * A query was given something that it does not take.
 *
 * @publicApi
 */
export class UsageQueryError extends Error {
  override readonly name = 'UsageQueryError';

  /**
   * @param field The field at fault: `page`, `where.status`.
   * @param value What was given.
   * @param expected What is allowed.
   */
  constructor(
    readonly field: string,
    readonly value: unknown,
    expected: string,
  ) {
    super(`${field}: expected ${expected}, but got ${shownValue(value, 1)}.`);
  }
}
