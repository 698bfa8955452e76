import type { SummaryPeriod, UsageSum } from '../../summary/index.js';

/**
 * The date before which each kind of data is deleted. A kind without a date is kept.
 *
 * @publicApi
 */
export interface PruneBounds {
  /** Deletes records from before this date. */
  records?: Date;
  /** Deletes hours that ended by this date. */
  hour?: Date;
  /** Deletes days that ended by this date. */
  day?: Date;
  /** Deletes months that ended by this date. */
  month?: Date;
  /**
   * Counts the keys of persons under `(other)` in hours, days and months that ended by this date: in
   * the sums by `remote`, `username`, `visitor`, `consumer`, `url`, and by these beside others. Totals
   * stay. CouchDB does so for whole months.
   */
  personal?: Date;
}

/**
 * The number of deleted records, and of deleted rows of each period.
 *
 * @publicApi
 */
export type PruneCounts = Record<'records' | SummaryPeriod, number>;

/**
 * What `usage.prune()` deleted, by name of storage.
 *
 * @publicApi
 */
export type PruneResult = Record<string, PruneCounts>;

/**
 * The person whose records are meant, by visitor id, user name, address or consumer, as stored.
 * Give exactly one of the four.
 *
 * @publicApi
 */
export type UsageSubject =
  | OneSubject<'visitorId'>
  | OneSubject<'username'>
  | OneSubject<'remoteAddr'>
  | OneSubject<'consumer'>;

type SubjectField = 'visitorId' | 'username' | 'remoteAddr' | 'consumer';

type OneSubject<Field extends SubjectField> = { readonly [Name in Field]: string } & {
  readonly [Name in Exclude<SubjectField, Field>]?: never;
};

/**
 * A summary row that differs from the records.
 *
 * @publicApi
 */
export interface SummaryDifference {
  /** The name of the summary. */
  readonly dimension: string;
  /** Hour, day or month. */
  readonly period: SummaryPeriod;
  /** The bucket's first instant. */
  readonly date: Date;
  /** The key of the row; null stands for requests without one. */
  readonly key: string;
  /** The stored row. Null if there is none. */
  readonly stored: UsageSum | null;
  /** The row recomputed from the records. Null if no record counts in it. */
  readonly expected: UsageSum | null;
}
