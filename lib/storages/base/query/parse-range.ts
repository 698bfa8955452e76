import type { TimeRange } from '../../contract/usage-query.js';
import { UsageQueryError } from '../../contract/usage-query.error.js';

/** A checked range of dates, both bounds inclusive. Null: no bound. */
export interface ParsedRange {
  readonly start: Date | null;
  readonly end: Date | null;
}

const LAST = /^([1-9]\d{0,9})([mhdw])$/;
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/**
 * @throws {UsageQueryError} if a date is invalid, `startDate` is after `endDate`, or `last` is no
 * span or stands beside a date.
 */
export function parseRange(range: TimeRange): ParsedRange {
  if (range.last !== undefined) return lastSpan(range);
  const start = parsedDate('startDate', range.startDate);
  const end = parsedDate('endDate', range.endDate);
  if (start && end && start > end)
    throw new UsageQueryError(
      'startDate',
      start,
      `a date that is not after endDate (${end.toISOString()})`,
    );
  return { start, end };
}

function lastSpan({ last, startDate, endDate }: TimeRange): ParsedRange {
  const [, count, unit] = LAST.exec(typeof last === 'string' ? last : '') ?? [];
  const end = new Date();
  const start = new Date(end.getTime() - Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS]);
  if (Number.isNaN(start.getTime()))
    throw new UsageQueryError(
      'last',
      last,
      "a whole number of minutes, hours, days or weeks, such as '90m', '24h', '7d' or '12w'",
    );
  if (startDate !== undefined || endDate !== undefined)
    throw new UsageQueryError('last', last, 'either last, or startDate and endDate');
  return { start, end };
}

function parsedDate(field: string, value: unknown): Date | null {
  if (value === undefined) return null;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value;
  throw new UsageQueryError(field, value, 'a valid Date');
}
