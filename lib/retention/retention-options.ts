import * as msPackage from 'ms';
import type { StringValue } from 'ms';
import { defaultExport } from '../support/optional-packages.js';
import { checkOptions, type OptionTable } from '../support/option-checks.js';
import { TrackUsageOptionsError } from '../support/track-usage-options.error.js';

/**
 * How long records and the rows of each period are kept: a length such as `'90d'`, `'12h'` or
 * `'2y'`, or milliseconds.
 *
 * @publicApi
 */
export interface RetentionOptions {
  /**
   * How long records are kept: a length or milliseconds. Their sums stay.
   * @default forever
   */
  records?: string | number;
  /**
   * How long the sums of hours are kept: a length or milliseconds.
   * @default forever
   */
  hour?: string | number;
  /**
   * How long the sums of days are kept: a length or milliseconds.
   * @default forever
   */
  day?: string | number;
  /**
   * How long the sums of months are kept: a length or milliseconds.
   * @default forever
   */
  month?: string | number;
  /**
   * How long sums by `remote`, `username`, `visitor`, `consumer` and `url`, and by these beside others,
   * keep their keys: a length or milliseconds. Then the keys count under `(other)`, and totals stay.
   * @default forever
   */
  personal?: string | number;
}

const AGE = { check: checkAge, defaultText: 'forever', unit: 'ms' } as const;

/** The checks and defaults of the retention options. */
export const RETENTION_OPTIONS = {
  records: AGE,
  hour: AGE,
  day: AGE,
  month: AGE,
  personal: AGE,
} as const satisfies OptionTable<RetentionOptions>;

export const RETENTION_FIELDS = ['records', 'hour', 'day', 'month', 'personal'] as const;

const ms = defaultExport(msPackage);

/** A length such as `'90d'`, or a number, in milliseconds. Null if it is neither. */
export function parseAge(value: unknown): number | null {
  const age = typeof value === 'string' ? parseText(value) : value;
  return typeof age === 'number' && Number.isFinite(age) && age > 0 ? age : null;
}

function parseText(text: string): number | undefined {
  // Rejects text without a unit, because '90' hardly means 90 milliseconds.
  if (!/[a-z]/i.test(text)) return undefined;
  try {
    return ms(text as StringValue);
  } catch {
    return undefined;
  }
}

/** Checks every age of the `retention` option. */
export function checkRetention(option: string, retention: unknown): void {
  if (typeof retention !== 'object' || retention === null || Array.isArray(retention))
    throw new TrackUsageOptionsError(
      option,
      retention,
      `an object with ${RETENTION_FIELDS.join(', ')}`,
    );
  checkOptions(retention, RETENTION_OPTIONS, `${option}.`);
}

function checkAge(option: string, age: unknown): void {
  if (parseAge(age) === null)
    throw new TrackUsageOptionsError(
      option,
      age,
      "a length such as '90d', '12h' or '2y', or milliseconds above 0",
    );
}
