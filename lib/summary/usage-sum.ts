/** The lengths of time that summaries are kept for, the finest first. */
export const SUMMARY_PERIODS = ['hour', 'day', 'month'] as const;

/** @publicApi */
export type SummaryPeriod = (typeof SUMMARY_PERIODS)[number];

/** The key of records whose own key is null. */
export const NO_KEY = '(none)';

/** The key that collects what comes after `maxKeys` distinct keys of one bucket. */
export const OTHER_KEY = '(other)';

/**
 * What a summary counts.
 *
 * What version 0.1.0 has added to a row has no `refused`, `aborted`, `firstSeen` and `lastSeen`:
 * they are null in such a row until `rebuildSummaries()` makes it anew from the records.
 *
 * @publicApi
 */
export interface UsageCounts {
  /** Requests. */
  readonly hits: number;
  /** Bytes of payload. */
  readonly transfer: number;
  /** Requests with status 500 and up. */
  readonly errors: number;
  /** Seconds, the sum over all requests. */
  readonly duration: number;
  /** Requests with status 400 to 499; null where not known of all. */
  readonly refused: number | null;
  /** Requests whose client went away before the response was sent; null where not known of all. */
  readonly aborted: number | null;
  /** When the first request came; null where not known of all. */
  readonly firstSeen: Date | null;
  /** When the last request came; null where not known of all. */
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
   * `(none)`: the records have no key. `(other)`: what came after `maxKeys` keys. A key that reads
   * so itself has a backslash before it, `\\(none)`.
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
 * The sums of one dimension, each period newest first.
 *
 * @publicApi
 */
export type UsageSums = Record<SummaryPeriod, UsageSum[]>;
