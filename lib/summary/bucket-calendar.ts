import { checkedTimeZone } from './time-zone.js';
import type { SummaryPeriod } from './usage-sum.js';
import { ZoneOffsets } from './zone-offsets.js';

/** A bucket in time: from its first instant to the first one after it, as epoch milliseconds. */
export interface BucketSpan {
  readonly start: number;
  readonly end: number;
}

/** First and last bucket of a range by their first instants, both inclusive; null: no bound. */
export interface BucketRange {
  readonly first: number | null;
  readonly last: number | null;
}

const HOUR = 3_600_000;
// No offset has ever been larger.
const MAX_OFFSET = 16 * HOUR;
/** The last instant that a Date can hold, in milliseconds since the epoch. */
export const LAST_INSTANT = 8.64e15;
const FIRST_INSTANT = -LAST_INSTANT;
// Those between which every month, in every zone, lies wholly within what Date can hold.
const LAST = LAST_INSTANT - 62 * 24 * HOUR;

/**
 * The hours, days and months of one time zone. Each period's buckets follow one another without
 * gap or overlap, and each lies within one bucket of the next coarser period:
 *
 * - an hour ends where the clock shows the next one or the zone's offset changes, so an hour that
 *   is repeated is two buckets;
 * - a day or month begins at the first instant at which the clock shows its date, which need not
 *   be midnight, and lasts until the next one begins. A date that the zone skipped has no bucket;
 * - the first and the last bucket of each period take in the months at the ends of what Date can
 *   hold, where no clock can be asked.
 */
export class BucketCalendar {
  readonly timeZone: string;
  private readonly zone: ZoneOffsets;
  private readonly recent: Record<SummaryPeriod, BucketSpan> = {
    hour: { start: 0, end: 0 },
    day: { start: 0, end: 0 },
    month: { start: 0, end: 0 },
  };

  /** @throws {RangeError} for a zone that is not known. */
  constructor(timeZone: string) {
    this.timeZone = checkedTimeZone(timeZone);
    this.zone = new ZoneOffsets(timeZone);
  }

  /**
   * The bucket that holds an instant.
   *
   * @throws {RangeError} for an invalid date.
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
   * The buckets that a query asks for: with `start` alone those that hold it, with both bounds
   * those that overlap the range, with `end` alone those that begin until then.
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
      // Where the clock went back over midnight, the new day has begun already.
      if (instant < end) return { start, end };
      start = end;
    }
  }

  private local(instant: number): number {
    for (const { until, offset } of this.zone.spans(instant, instant + 1))
      if (instant < until) return instant + offset;
    throw new RangeError(`No offset is known for ${instant}.`);
  }

  // The first instant at which the clock shows a local time or, where that is skipped, a later one.
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
 * @throws {RangeError} for an invalid date or an unknown zone.
 */
export function bucketStart(date: Date, period: SummaryPeriod, timeZone: string): number {
  return calendarOf(timeZone).start(period, date.getTime());
}

/** The calendar of a zone, made once. */
export function calendarOf(timeZone: string): BucketCalendar {
  let calendar = calendars.get(timeZone);
  if (!calendar) calendars.set(timeZone, (calendar = new BucketCalendar(timeZone)));
  return calendar;
}
