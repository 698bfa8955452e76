import { RETENTION_FIELDS, retentionAge } from '../retention/index.js';
import { checkOptions } from '../support/option-checks.js';
import { TrackUsageOptionsError } from '../support/track-usage-options.error.js';

/** Checks the `retention` option, age by age. */
export function checkRetention(option: string, retention: unknown): void {
  if (typeof retention !== 'object' || retention === null || Array.isArray(retention))
    throw new TrackUsageOptionsError(
      option,
      retention,
      `an object with ${RETENTION_FIELDS.join(', ')}`,
    );
  const checks = RETENTION_FIELDS.map((field) => [field, isAge] as const);
  checkOptions(retention, Object.fromEntries(checks), `${option}.`);
}

function isAge(option: string, value: unknown): void {
  if (retentionAge(value) === null)
    throw new TrackUsageOptionsError(
      option,
      value,
      "a length such as '90d', '12h' or '2y', or milliseconds above 0",
    );
}
