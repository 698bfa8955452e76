import type { UsageWhere } from './usage-where.js';

/**
 * A range of dates, both bounds inclusive.
 *
 * @publicApi
 */
export interface DateRange {
  /** @default the beginning */
  startDate?: Date;
  /** @default now and after */
  endDate?: Date;
}

/**
 * Selects records.
 *
 * @publicApi
 */
export interface UsageFilter extends DateRange {
  /** @default every record */
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
export interface UsageQuery extends UsageFilter, Page {}

/**
 * Selects buckets of a summary, and a page of each period. `startDate` alone selects the buckets
 * that contain it; both bounds select the buckets that overlap the range; without bounds, all
 * buckets are selected.
 *
 * @publicApi
 */
export interface SumQuery extends DateRange, Page {
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
}

export const DEFAULT_LIMIT = 500;
/**
 * A larger page would be held in memory as a whole. `streamUsage` returns any number of records.
 */
export const MAX_LIMIT = 10_000;
