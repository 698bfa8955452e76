import { checkedTimeZone } from './time-zone.js';
import type { SummaryPeriod } from './usage-sum.js';
import { ZoneOffsets } from './zone-offsets.js';

/** The time span of a bucket, in epoch milliseconds: `start` inclusive, `end` exclusive. */
export interface BucketSpan {
  readonly start: number;
  readonly end: number;
}

/** The first and the last bucket of a range, by first instant. Both inclusive; null: no bound. */
export interface BucketRange {
  readonly first: number | null;
  readonly last: number | null;
}

/** The lengths of buckets that a calendar can cut: those of summaries, and those of reports. */
export type CalendarUnit = 'minute' | SummaryPeriod | 'week';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
// No zone's offset from UTC has ever been larger.
const MAX_OFFSET = 16 * HOUR;
/** The last instant that a Date can hold, in milliseconds since the epoch. */
export const LAST_INSTANT = 8.64e15;
const FIRST_INSTANT = -LAST_INSTANT;
// From -LAST to LAST, every month of every zone is wholly within the range of Date.
const LAST = LAST_INSTANT - 62 * 24 * HOUR;

/**
 * The minutes, hours, days, weeks and months of one time zone. The buckets of a unit have no gaps
 * and do not overlap. Each hour is within one day, and each day within one week and one month:
 *
 * - An hour ends when the clock shows the next hour or the zone's offset changes. A repeated hour
 *   is two buckets.
 * - A minute ends likewise.
 * - A day, week or month begins at the first instant at which the clock shows its first date, which
 *   need not be midnight. It ends when the next one begins. Weeks begin on Monday. A date that the
 *   zone skipped has no bucket.
 * - The first and the last bucket of each unit extend to the ends of Date's range, because local
 *   times near these ends are not representable.
 */
export class BucketCalendar {
  readonly timeZone: string;
  private readonly zone: ZoneOffsets;
  private readonly recent: Record<CalendarUnit, BucketSpan> = {
    minute: { start: 0, end: 0 },
    hour: { start: 0, end: 0 },
    day: { start: 0, end: 0 },
    week: { start: 0, end: 0 },
    month: { start: 0, end: 0 },
  };

  /** @throws {RangeError} if the time zone is unknown. */
  constructor(timeZone: string) {
    this.timeZone = checkedTimeZone(timeZone);
    this.zone = new ZoneOffsets(timeZone);
  }

  /**
   * The bucket that holds an instant.
   *
   * @throws {RangeError} if the instant is NaN.
   */
  bucket(unit: CalendarUnit, instant: number): BucketSpan {
    const recent = this.recent[unit];
    if (instant >= recent.start && instant < recent.end) return recent;
    if (Number.isNaN(instant)) throw new RangeError('date: expected a valid date, but got NaN.');
    const within = Math.min(Math.max(instant, -LAST), LAST);
    const { start, end } =
      unit === 'hour' || unit === 'minute'
        ? this.clockBucket(unit === 'hour' ? HOUR : MINUTE, within)
        : this.calendarBucket(unit, within);
    const found = {
      start: start > -LAST ? start : FIRST_INSTANT,
      end: end <= LAST ? end : LAST_INSTANT + 1,
    };
    this.recent[unit] = found;
    return found;
  }

  /** First instant of the bucket that holds an instant. */
  start(unit: CalendarUnit, instant: number): number {
    return this.bucket(unit, instant).start;
  }

  /** The span of the buckets that lie in a span as a whole; null if none does. */
  wholeBuckets(unit: CalendarUnit, { start, end }: BucketSpan): BucketSpan | null {
    const first = this.bucket(unit, start);
    const from = first.start === start ? start : first.end;
    const last = this.bucket(unit, end - 1);
    const until = last.end === end ? end : last.start;
    return from < until ? { start: from, end: until } : null;
  }

  /** The span of the buckets that a span touches. */
  touchedBuckets(unit: CalendarUnit, { start, end }: BucketSpan): BucketSpan {
    return { start: this.start(unit, start), end: this.bucket(unit, end - 1).end };
  }

  /**
   * The instant at which the clock shows the same time, days or months earlier. A day that the
   * month does not have becomes its last day. Of a time that is shown twice, the first is meant; a
   * time that is skipped becomes the first instant after it.
   */
  earlier(instant: number, by: { readonly days?: number; readonly months?: number }): number {
    const local = new Date(this.local(Math.min(Math.max(instant, -LAST), LAST)));
    const day = local.getUTCDate();
    if (by.months !== undefined) {
      local.setUTCDate(1);
      local.setUTCMonth(local.getUTCMonth() - by.months);
      const last = new Date(local);
      last.setUTCMonth(last.getUTCMonth() + 1, 0);
      local.setUTCDate(Math.min(day, last.getUTCDate()));
    }
    if (by.days !== undefined) local.setUTCDate(local.getUTCDate() - by.days);
    return Number.isNaN(local.getTime()) ? FIRST_INSTANT : this.firstShowing(local.getTime());
  }

  /**
   * The first instant at which the clock shows a local time, which is given as if it were UTC. A time
   * that the zone skipped becomes the first instant after it.
   */
  showing(local: number): number {
    return this.firstShowing(Math.min(Math.max(local, -LAST), LAST));
  }

  /**
   * The buckets that match a query. `start` alone selects the bucket that holds it. `start` and
   * `end` select the buckets that overlap the range. `end` alone selects the buckets that begin at
   * or before it.
   */
  range(period: SummaryPeriod, start: Date | null, end: Date | null): BucketRange {
    const first = start && this.start(period, start.getTime());
    return { first, last: end ? this.start(period, end.getTime()) : first };
  }

  private clockBucket(length: number, instant: number): BucketSpan {
    for (const { from, until, offset } of this.zone.spans(instant - length, instant + length)) {
      if (instant >= until) continue;
      const shown = Math.floor((instant + offset) / length) * length - offset;
      return { start: Math.max(shown, from), end: Math.min(shown + length, until) };
    }
    throw new RangeError(`No bucket of ${length} ms holds ${instant}.`);
  }

  private calendarBucket(unit: 'day' | 'week' | 'month', instant: number): BucketSpan {
    const local = new Date(this.local(instant));
    local.setUTCHours(0, 0, 0, 0);
    if (unit === 'month') local.setUTCDate(1);
    // getUTCDay() counts from Sunday.
    if (unit === 'week') local.setUTCDate(local.getUTCDate() - ((local.getUTCDay() + 6) % 7));
    let start = this.firstShowing(local.getTime());
    for (;;) {
      if (unit === 'month') local.setUTCMonth(local.getUTCMonth() + 1);
      else local.setUTCDate(local.getUTCDate() + (unit === 'week' ? 7 : 1));
      const end = this.firstShowing(local.getTime());
      // If the clock went back over midnight, the next day has already begun.
      if (instant < end) return { start, end };
      start = end;
    }
  }

  private local(instant: number): number {
    for (const { until, offset } of this.zone.spans(instant, instant + 1))
      if (instant < until) return instant + offset;
    throw new RangeError(`No offset is known for ${instant}.`);
  }

  // The first instant at which the clock shows a local time or, if it was skipped, a later one.
  private firstShowing(local: number): number {
    for (const { from, until, offset } of this.zone.spans(local - MAX_OFFSET, local + MAX_OFFSET)) {
      const instant = Math.max(local - offset, from);
      if (instant < until) return instant;
    }
    throw new RangeError(`No instant shows ${local}.`);
  }
}

const calendars = new Map<string, BucketCalendar>();

/**
 * First instant of the bucket that holds a date, as epoch milliseconds.
 *
 * @throws {RangeError} if the date is invalid or the time zone is unknown.
 */
export function bucketStart(date: Date, period: SummaryPeriod, timeZone: string): number {
  return calendarOf(timeZone).start(period, date.getTime());
}

/**
 * The calendar of a time zone, created on first use.
 *
 * @throws {RangeError} if the time zone is unknown.
 */
export function calendarOf(timeZone: string): BucketCalendar {
  let calendar = calendars.get(timeZone);
  if (!calendar) calendars.set(timeZone, (calendar = new BucketCalendar(timeZone)));
  return calendar;
}
