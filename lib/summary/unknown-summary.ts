import { SummaryHook } from './summary-hook.js';

/** Thrown where a record's key is needed of a summary whose key function is not known. */
export class UnknownKeyError extends Error {
  override readonly name = 'UnknownKeyError';

  constructor(dimension: string) {
    super(
      `The summary '${dimension}' is one of the application's own: how it counts records is not ` +
        'known here.',
    );
  }
}

/**
 * A summary whose rows are stored, and whose key function is not known: one of an application's own.
 * Its sums can be read. Nothing can be counted by it.
 */
export class UnknownSummary extends SummaryHook {
  constructor(dimension: string) {
    super(dimension, () => {
      throw new UnknownKeyError(dimension);
    });
  }
}
