import { inspect } from 'node:util';

/**
 * An option of the module or of a storage was given something that it does not take. Stops the
 * start of the application.
 *
 * @publicApi
 */
export class TrackUsageOptionsError extends Error {
  override readonly name = 'TrackUsageOptionsError';

  /**
   * @param option The option at fault: `mode`, `storages[1].name`.
   * @param value What was given.
   * @param expected What is allowed.
   */
  constructor(
    readonly option: string,
    readonly value: unknown,
    expected: string,
    options?: ErrorOptions,
  ) {
    super(
      `TrackUsageModule: option ${option}: expected ${expected}, but got ${shown(value)}.`,
      options,
    );
  }
}

function shown(value: unknown): string {
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function';
  const text = inspect(value, { depth: 0, breakLength: Infinity });
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
