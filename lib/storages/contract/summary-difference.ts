import type { SummaryPeriod, UsageSum } from '../../summary/index.js';

/**
 * A row of a summary that is not what the records say.
 *
 * @publicApi
 */
export interface SummaryDifference {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  /** The bucket's first instant. */
  readonly date: Date;
  readonly key: string;
  /** What the summary says; null if it has no such row. */
  readonly stored: UsageSum | null;
  /** What the records say; null if none of them counts there. */
  readonly expected: UsageSum | null;
}
