import type { SummaryPeriod, UsageSum } from '../../summary/index.js';

/**
 * A summary row that differs from the records.
 *
 * @publicApi
 */
export interface SummaryDifference {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  /** The bucket's first instant. */
  readonly date: Date;
  readonly key: string;
  /** The stored row. Null if there is none. */
  readonly stored: UsageSum | null;
  /** The row recomputed from the records. Null if no record counts in it. */
  readonly expected: UsageSum | null;
}
