import type { SummaryPeriod } from '../../summary/usage-sum.js';
import type { UsageWhere } from './usage-where.js';

/**
 * A range of dates, both bounds inclusive.
 *
 * @publicApi
 */
export interface DateRange {
  /**
   * The first instant of the range.
   * @default the beginning
   */
  startDate?: Date;
  /**
   * The last instant of the range.
   * @default now and after
   */
  endDate?: Date;
}

/**
 * A range of dates, or the span until now.
 *
 * @publicApi
 */
export interface TimeRange extends DateRange {
  /**
   * The span until now, instead of the two dates: a whole number of minutes, hours, days or weeks,
   * such as `90m`, `24h`, `7d` or `12w`. A day is 24 hours.
   * @default none
   */
  last?: string;
}

/**
 * What ends a query early, in the database too.
 *
 * @publicApi
 */
export interface QueryLimits {
  /**
   * Ends the query. The call rejects with the signal's reason.
   * @default none
   */
  signal?: AbortSignal;
  /**
   * Milliseconds after which the query ends. The call rejects with a `DOMException` named
   * `TimeoutError`. For a stream it is the time of the whole stream.
   * @default none
   */
  timeout?: number;
}

/**
 * Selects records.
 *
 * @publicApi
 */
export interface UsageFilter extends TimeRange, QueryLimits {
  /**
   * What the records must have.
   * @default every record
   */
  where?: UsageWhere;
}

/** One page of a list. */
export interface Page {
  /**
   * Entries on a page. For records, 10,000 at most.
   * @default 500
   */
  limit?: number;
  /**
   * Number of the page, counted from 1.
   * @default 1
   */
  page?: number;
}

/**
 * Selects records, and a page of them.
 *
 * @publicApi
 */
export interface UsageQuery extends UsageFilter, Page {
  /**
   * One field and its order. Equal dates are ordered by `id` in the same direction; equal speeds and
   * lengths come newest first. With `page`, an order other than the default one reaches the first
   * 100,000 records.
   * @default { date: 'desc' }
   */
  orderBy?: {
    /** By the time of the request. */
    date?: 'asc' | 'desc';
    /** By how long it took. */
    speed?: 'asc' | 'desc';
    /** By the bytes that were sent. */
    contentLength?: 'asc' | 'desc';
  };
  /**
   * The last record of the page before, or its date and id, instead of `page`. So pages neither
   * repeat nor miss records while others are stored, and reach as far as there are records.
   * @default none
   */
  after?: { readonly date: Date; readonly id: string };
}

/**
 * Selects buckets of a summary, and a page of each period. `startDate` alone selects the buckets
 * that contain it; both bounds and `last` select the buckets that overlap the range; without bounds,
 * all buckets are selected.
 *
 * @publicApi
 */
export interface SumQuery extends TimeRange, QueryLimits, Page {
  /**
   * The only key to report.
   * @default every key
   */
  target?: string;
  /**
   * `date`: newest first. `hits`: most hits first.
   * @default 'date'
   */
  order?: 'date' | 'hits';
  /**
   * The periods to report. The lists of the others are empty.
   * @default ['hour', 'day', 'month']
   */
  periods?: readonly SummaryPeriod[];
}

export const DEFAULT_LIMIT = 500;
/**
 * A larger page would be held in memory as a whole. `streamUsage` returns any number of records.
 */
export const MAX_LIMIT = 10_000;
/** The most records that are held in memory to put them in an order. */
export const MAX_ORDERED_RECORDS = 100_000;
