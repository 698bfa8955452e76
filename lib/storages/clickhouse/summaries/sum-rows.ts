import type { BucketRange, MeasureName, SummaryPeriod } from '../../../summary/index.js';

/** Some rows of sums. */
export interface SumRows {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  /** They do not overlap. */
  readonly ranges: readonly BucketRange[];
  /** The only keys. Null or absent: all. */
  readonly keys?: readonly string[] | null | undefined;
  readonly withLatency: boolean;
  /** The measures that are wanted besides hits and instants; others are 0. Absent: all. */
  readonly measures?: ReadonlySet<MeasureName> | undefined;
  /** Whether the hits of all records are told, too. Not with `keys`. */
  readonly withTotal?: boolean;
  /** Whether rows of one key are added up, whatever their buckets. */
  readonly mergesBuckets?: boolean;
}
