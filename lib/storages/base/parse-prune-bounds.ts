import type { PruneBounds } from '../contract/maintenance.js';
import { UsageQueryError } from '../contract/usage-query.error.js';

const FIELDS = ['records', 'hour', 'day', 'month', 'personal'] as const;

/** Checked bounds in milliseconds since the epoch. Null: nothing of that kind is pruned. */
export type ParsedPruneBounds = Record<keyof PruneBounds, number | null>;

/** @throws {UsageQueryError} if a field is unknown or a date is invalid. */
export function parsePruneBounds(bounds: PruneBounds): ParsedPruneBounds {
  for (const [field, value] of Object.entries(bounds ?? {})) {
    if (!FIELDS.includes(field as 'records'))
      throw new UsageQueryError(field, value, `one of the fields ${FIELDS.join(', ')}`);
    if (value !== undefined && !(value instanceof Date && !Number.isNaN(value.getTime())))
      throw new UsageQueryError(field, value, 'a valid Date');
  }
  const instant = (field: keyof PruneBounds) => bounds?.[field]?.getTime() ?? null;
  return {
    records: instant('records'),
    hour: instant('hour'),
    day: instant('day'),
    month: instant('month'),
    personal: instant('personal'),
  };
}
