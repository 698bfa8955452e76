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

const HOUR = 3_600_000;
// No zone's offset from UTC has ever been larger.
const MAX_OFFSET = 16 * HOUR;
/** The last instant that a Date can hold, in milliseconds since the epoch. */
export const LAST_INSTANT = 8.64e15;
const FIRST_INSTANT = -LAST_INSTANT;
// From -LAST to LAST, every month of every zone is wholly within the range of Date.
const LAST = LAST_INSTANT - 62 * 24 * HOUR;

/**
 * The hours, days and months of one time zone. The buckets of a period have no gaps and do not
 * overlap. Each bucket is within one bucket of the next coarser period:
 *
 * - An hour ends when the clock shows the next hour or the zone's offset changes. A repeated hour
 *   is two buckets.
 * - A day or month begins at the first instant at which the clock shows its date, which need not
 *   be midnight. It ends when the next one begins. A date that the zone skipped has no bucket.
 * - The first and the last bucket of each period extend to the ends of Date's range, because local
 *   times near these ends are not representable.
 */
export class BucketCalendar {
  readonly timeZone: string;
  private readonly zone: ZoneOffsets;
  private readonly recent: Record<SummaryPeriod, BucketSpan> = {
    hour: { start: 0, end: 0 },
    day: { start: 0, end: 0 },
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
  bucket(period: SummaryPeriod, instant: number): BucketSpan {
    const recent = this.recent[period];
    if (instant >= recent.start && instant < recent.end) return recent;
    if (Number.isNaN(instant)) throw new RangeError('date: expected a valid date, but got NaN.');
    const within = Math.min(Math.max(instant, -LAST), LAST);
    const { start, end } =
      period === 'hour' ? this.hour(within) : this.calendarBucket(period, within);
    const found = {
      start: start > -LAST ? start : FIRST_INSTANT,
      end: end <= LAST ? end : LAST_INSTANT + 1,
    };
    this.recent[period] = found;
    return found;
  }

  /** First instant of the bucket that holds an instant. */
  start(period: SummaryPeriod, instant: number): number {
    return this.bucket(period, instant).start;
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

  private hour(instant: number): BucketSpan {
    for (const { from, until, offset } of this.zone.spans(instant - HOUR, instant + HOUR)) {
      if (instant >= until) continue;
      const hour = Math.floor((instant + offset) / HOUR) * HOUR - offset;
      return { start: Math.max(hour, from), end: Math.min(hour + HOUR, until) };
    }
    throw new RangeError(`No hour holds ${instant}.`);
  }

  private calendarBucket(period: 'day' | 'month', instant: number): BucketSpan {
    const local = new Date(this.local(instant));
    local.setUTCHours(0, 0, 0, 0);
    if (period === 'month') local.setUTCDate(1);
    let start = this.firstShowing(local.getTime());
    for (;;) {
      if (period === 'day') local.setUTCDate(local.getUTCDate() + 1);
      else local.setUTCMonth(local.getUTCMonth() + 1);
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
