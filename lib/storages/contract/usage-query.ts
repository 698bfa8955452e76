import { RECORD_FIELDS, type FilterableField, type UsageRecord } from '../../record/index.js';

/**
 * A stretch of time, both bounds inclusive.
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
 * What a record must be equal to, field by field; null asks for records without a value.
 *
 * @publicApi
 */
export type UsageWhere = {
  -readonly [Field in FilterableField]?: UsageRecord[Field];
};

/**
 * Which records.
 *
 * @publicApi
 */
export interface UsageFilter extends DateRange {
  /** @default every record */
  where?: UsageWhere;
}

/** A part of a long list. */
export interface Page {
  /**
   * Entries on a page; of records at most 10,000.
   * @default 500
   */
  limit?: number;
  /**
   * Counted from 1.
   * @default 1
   */
  page?: number;
}

/**
 * Which records, and which page of them.
 *
 * @publicApi
 */
export interface UsageQuery extends UsageFilter, Page {}

/**
 * Which buckets of a summary, and which page of each period. With `startDate` alone: the buckets
 * that hold it; with both bounds: those that overlap the range; with neither: all.
 *
 * @publicApi
 */
export interface SumQuery extends DateRange, Page {
  /**
   * The one key to report.
   * @default every key
   */
  target?: string;
  /**
   * `date`: newest first. `hits`: most hits first.
   * @default 'date'
   */
  order?: 'date' | 'hits';
}

/** The fields that `where` takes. */
export const WHERE_FIELDS = RECORD_FIELDS.filter(({ filterable }) => filterable).map(
  ({ path }) => path as FilterableField,
);

export const DEFAULT_LIMIT = 500;
/** More at once would be held in memory as a whole; `streamUsage` gives any number. */
export const MAX_LIMIT = 10_000;
