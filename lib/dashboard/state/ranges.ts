import { UsageQueryError } from '../../storages/contract/usage-query.error.js';
import type { ReportInterval } from '../../storages/contract/usage-report.js';
import { calendarOf, type CalendarUnit } from '../../summary/index.js';

/** The spans that the page offers. All but the first are whole buckets of the calendar and now. */
export const RANGES = {
  '1h': { label: '1 h', unit: 'minute', count: 60, interval: 'minute', spark: 'minute' },
  '24h': { label: '24 h', unit: 'hour', count: 24, interval: 'hour', spark: 'hour' },
  '7d': { label: '7 d', unit: 'day', count: 7, interval: 'hour', spark: 'day' },
  '30d': { label: '30 d', unit: 'day', count: 30, interval: 'day', spark: 'day' },
  '90d': { label: '90 d', unit: 'day', count: 90, interval: 'day', spark: 'week' },
  '12mo': { label: '12 months', unit: 'month', count: 12, interval: 'month', spark: 'month' },
} as const satisfies Record<
  string,
  {
    label: string;
    unit: CalendarUnit;
    count: number;
    interval: ReportInterval;
    spark: ReportInterval;
  }
>;

export type RangeName = keyof typeof RANGES;

/** Dates of the module's time zone: `2026-11-01`. Both inclusive. */
export interface OwnDates {
  readonly start: string;
  readonly end: string;
}

/** The span that a page shows, and how it is divided. */
export interface ShownRange {
  readonly startDate: Date;
  readonly endDate: Date;
  /** Of the charts. */
  readonly interval: ReportInterval;
  /** Of the small lines in rows. */
  readonly spark: ReportInterval;
}

// Viewers who open the page at about the same time ask the same questions.
const SHARED_MS = 5000;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAY_MS = 86_400_000;

/** How long a calendar's unit about is. */
const DAYS: Readonly<Record<(typeof RANGES)[RangeName]['unit'], number>> = {
  minute: 1 / 1440,
  hour: 1 / 24,
  day: 1,
  month: 365 / 12,
};

/** The next shorter and the next longer of the offered spans; undefined at an end. */
export function rangesBeside(
  range: RangeName | OwnDates,
  { startDate, endDate }: ShownRange,
): { shorter: RangeName | undefined; longer: RangeName | undefined } {
  const daysOf = (name: RangeName) => RANGES[name].count * DAYS[RANGES[name].unit];
  const days =
    typeof range === 'string'
      ? daysOf(range)
      : Math.round((endDate.getTime() - startDate.getTime()) / DAY_MS);
  const names = Object.keys(RANGES) as RangeName[];
  return {
    shorter: names.findLast((name) => daysOf(name) < days),
    longer: names.find((name) => daysOf(name) > days),
  };
}

/** The span of a name at an instant. */
export function namedRange(name: RangeName, now: number, timeZone: string): ShownRange {
  const { unit, count, interval, spark } = RANGES[name];
  const calendar = calendarOf(timeZone);
  const endDate = new Date(Math.ceil((now + 1) / SHARED_MS) * SHARED_MS);
  let { start } = calendar.bucket(unit, endDate.getTime());
  for (let back = 1; back < count; back++) start = calendar.bucket(unit, start - 1).start;
  return { startDate: new Date(start), endDate, interval, spark };
}

/**
 * The span of dates that somebody gave.
 *
 * @throws {UsageQueryError} if one is no date, or the first is after the last.
 */
export function ownRange({ start, end }: OwnDates, timeZone: string): ShownRange {
  const first = dayOf('start', start, timeZone);
  const last = dayOf('end', end, timeZone);
  if (first.start > last.start)
    throw new UsageQueryError('start', start, `a date that is not after end (${end})`);
  const days = (last.end - first.start) / DAY_MS;
  const interval = days <= 3 ? 'hour' : days <= 100 ? 'day' : days <= 400 ? 'week' : 'month';
  return {
    startDate: new Date(first.start),
    endDate: new Date(last.end - 1),
    interval,
    spark: interval === 'day' && days > 45 ? 'week' : interval,
  };
}

/** The bucket of a date in the zone: found from noon in UTC, from which no zone's noon is a day off. */
function dayOf(field: string, text: string, timeZone: string) {
  const [, year, month, day] = DATE.exec(text) ?? [];
  const noon = Date.UTC(Number(year), Number(month) - 1, Number(day), 12);
  const isDate = year !== undefined && new Date(noon).toISOString().startsWith(text);
  if (!isDate) throw new UsageQueryError(field, text, 'a date such as 2026-11-30');
  const calendar = calendarOf(timeZone);
  let bucket = calendar.bucket('day', noon);
  const shown = dateIn(bucket.start, timeZone);
  if (shown > text) bucket = calendar.bucket('day', bucket.start - 1);
  else if (shown < text) bucket = calendar.bucket('day', bucket.end);
  return bucket;
}

/** The date of an instant in a zone: `2026-11-30`. */
export function dateIn(instant: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).format(instant);
}
