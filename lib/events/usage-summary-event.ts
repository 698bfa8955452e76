import type { SummaryPeriod } from '../summary/index.js';

/**
 * What one stored batch added to one row of a summary.
 *
 * @publicApi
 */
export interface UsageSummaryEvent {
  /** The name of the storage that keeps the row. */
  readonly storage: string;
  readonly dimension: string;
  readonly period: SummaryPeriod;
  /** The bucket's first instant. */
  readonly date: Date;
  /** The records' own key, also where the storage counts it under `(other)`. */
  readonly key: string;
  readonly hits: number;
  /** Bytes of payload. */
  readonly transfer: number;
  readonly errors: number;
  /** Seconds. */
  readonly duration: number;
}
