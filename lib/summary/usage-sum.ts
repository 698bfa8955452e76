/** The periods that summaries are kept by, the finest first. */
export const SUMMARY_PERIODS = ['hour', 'day', 'month'] as const;

/**
 * The period of a summary's buckets.
 *
 * @publicApi
 */
export type SummaryPeriod = (typeof SUMMARY_PERIODS)[number];

/** The key of records that have no key. */
export const NO_KEY = '(none)';

/** The key that counts the keys of a bucket that exceed `maxKeys`. */
export const OTHER_KEY = '(other)';

/**
 * What a summary counts.
 *
 * Version 0.1.0 does not write `refused`, `aborted`, `firstSeen` and `lastSeen`. In a row that it
 * has added to, they are null until `rebuildSummaries()` recomputes the row from the records.
 *
 * @publicApi
 */
export interface UsageCounts {
  /** Number of requests. */
  readonly hits: number;
  /** Bytes of payload. */
  readonly transfer: number;
  /** Requests with status 500 and up. */
  readonly errors: number;
  /** Total duration of all requests, in seconds. */
  readonly duration: number;
  /** Requests with status 400 to 499; null if not known for all requests. */
  readonly refused: number | null;
  /** Requests whose response did not finish; null if not known for all requests. */
  readonly aborted: number | null;
  /** When the first request arrived; null if not known for all requests. */
  readonly firstSeen: Date | null;
  /** When the last request arrived; null if not known for all requests. */
  readonly lastSeen: Date | null;
}

/**
 * One bucket of a summary: one key of a dimension in one hour, day or month.
 *
 * @publicApi
 */
export interface UsageSum extends UsageCounts {
  /** The bucket's first instant. */
  readonly date: Date;
  /**
   * `(none)`: the records have no key. `(other)`: the keys that exceeded `maxKeys`. A real key that
   * reads like one of these starts with a backslash: `\(none)`.
   */
  readonly key: string;
  /** Median latency in seconds, within 2 %. */
  readonly p50: number;
  /** 95th percentile of latency in seconds, within 2 %. */
  readonly p95: number;
  /** 99th percentile of latency in seconds, within 2 %. */
  readonly p99: number;
}

/**
 * The sums of one dimension, by period. Newest buckets come first unless the query orders by hits.
 *
 * @publicApi
 */
export interface UsageSums extends Record<SummaryPeriod, UsageSum[]> {
  /** The periods that have more rows after this page. */
  truncated: SummaryPeriod[];
}
