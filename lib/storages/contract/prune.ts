import type { SummaryPeriod } from '../../summary/index.js';

/**
 * Up to which date each kind of data is deleted; a kind without a date is kept.
 *
 * @publicApi
 */
export interface PruneBounds {
  /** Records from before this date go. */
  records?: Date;
  /** Hours go that ended by this date. */
  hour?: Date;
  /** Days go that ended by this date. */
  day?: Date;
  /** Months go that ended by this date. */
  month?: Date;
}

/**
 * How many records, and how many rows of each period, are gone.
 *
 * @publicApi
 */
export type PruneCounts = Record<'records' | SummaryPeriod, number>;

/**
 * What `usage.prune()` deleted, by the storage's name.
 *
 * @publicApi
 */
export type PruneResult = Record<string, PruneCounts>;
