/** The lengths of time that summaries are kept for, the finest first. */
export const SUMMARY_PERIODS = ['hour', 'day', 'month'] as const;

/** @publicApi */
export type SummaryPeriod = (typeof SUMMARY_PERIODS)[number];

/** The key of records whose own key is null. */
export const NO_KEY = '(none)';

/** The key that collects what comes after `maxKeys` distinct keys of one bucket. */
export const OTHER_KEY = '(other)';

/**
 * One bucket of a summary: one key of a dimension in one hour, day or month.
 *
 * @publicApi
 */
export interface UsageSum {
  /** The bucket's first instant. */
  readonly date: Date;
  readonly key: string;
  /** Requests. */
  readonly hits: number;
  /** Bytes of payload. */
  readonly transfer: number;
  /** Requests with status 500 and up. */
  readonly errors: number;
  /** Seconds, the sum over all requests. */
  readonly duration: number;
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
