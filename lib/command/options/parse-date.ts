import { calendarOf, type BucketCalendar } from '../../summary/index.js';
import { CommandUsageError } from '../usage-error.js';

const DATE =
  /^(\d{4})-(\d{2})(?:-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d{2}:?\d{2})?)?)?$/i;

/**
 * The instant of a date on the command line: a month, a day, or a time of a day. Without an offset,
 * it is meant in the zone of the sums.
 *
 * @param isEnd Whether a day or a month means its last millisecond, instead of its first.
 * @throws {CommandUsageError} if it is no date.
 */
export function parseDate(flag: string, given: string, timeZone: string, isEnd: boolean): Date {
  const parts = DATE.exec(given.trim());
  const local = parts ? localTime(parts) : null;
  if (!parts || local === null)
    throw new CommandUsageError(
      `${flag}: expected a date such as 2026-11-01, 2026-11-01T12:00 or 2026-11-01T12:00:00Z, but ` +
        `got ${JSON.stringify(given)}.`,
    );
  const [, , , day, hour, , , , offset] = parts;
  if (offset !== undefined) return new Date(local - offsetOf(offset));
  const calendar = calendarOf(timeZone);
  const start = calendar.showing(local);
  if (hour !== undefined || !isEnd) return new Date(start);
  return new Date(lastInstant(calendar, day === undefined ? 'month' : 'day', start));
}

function lastInstant(calendar: BucketCalendar, unit: 'day' | 'month', instant: number): number {
  return calendar.bucket(unit, instant).end - 1;
}

/** A time as if it were UTC; null if the calendar has no such date. */
function localTime([
  ,
  year,
  month,
  day = '01',
  hour = '00',
  minute = '00',
  second = '00',
  fraction = '0',
]: RegExpExecArray): number | null {
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const date = new Date(0);
  date.setUTCFullYear(y, mo - 1, d);
  date.setUTCHours(h, mi, s, Number(fraction.padEnd(3, '0')));
  const isReal =
    date.getUTCMonth() === mo - 1 &&
    date.getUTCDate() === d &&
    date.getUTCHours() === h &&
    date.getUTCMinutes() === mi &&
    date.getUTCSeconds() === s;
  return isReal ? date.getTime() : null;
}

function offsetOf(text: string): number {
  if (/^z$/i.test(text)) return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(-2));
  return (text.startsWith('-') ? -minutes : minutes) * 60_000;
}
