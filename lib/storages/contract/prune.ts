import type { SummaryPeriod } from '../../summary/index.js';

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
