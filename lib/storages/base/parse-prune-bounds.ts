import type { PruneBounds } from '../contract/prune.js';
import { UsageQueryError } from '../contract/usage-query.error.js';

const FIELDS = ['records', 'hour', 'day', 'month'] as const;

/** Bounds that have been checked; null: nothing goes. */
export type ParsedPruneBounds = Record<keyof PruneBounds, number | null>;

/** @throws {UsageQueryError} for an unknown field or an invalid date. */
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
  };
}
