import { addLatency, type LatencyCounts } from './latency-counts.js';
import { SUMMARY_PERIODS, type SummaryPeriod } from './usage-sum.js';

/** What is summed up. Every number is whole, so that sums are equal in whichever order they add. */
export interface SummaryCounts {
  readonly hits: number;
  /** Bytes. */
  readonly transfer: number;
  readonly errors: number;
  /** Microseconds. */
  readonly duration: number;
  readonly latency: LatencyCounts;
}

/** What one row of a summary is known by. */
export interface SummaryRow {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  /** First instant of the bucket, in milliseconds since the epoch. */
  readonly bucket: number;
  readonly key: string;
}

/** What is to be added to one row of a summary. */
export interface SummaryIncrement extends SummaryRow, SummaryCounts {
  /**
   * Whether none of its requests reached a handler. Keys that only such requests bring get few
   * rows of a bucket, as anybody can make them up. Absent: some did.
   */
  readonly unhandled?: true;
}

/** Counts that can be added to. */
export type MutableCounts = {
  -readonly [field in keyof SummaryCounts]: field extends 'latency'
    ? Map<number, number>
    : SummaryCounts[field];
};

export function noCounts(): MutableCounts {
  return { hits: 0, transfer: 0, errors: 0, duration: 0, latency: new Map() };
}

/** Adds counts to others in place. */
export function addCounts(into: MutableCounts, counts: SummaryCounts): void {
  into.hits += counts.hits;
  into.transfer += counts.transfer;
  into.errors += counts.errors;
  into.duration += counts.duration;
  addLatency(into.latency, counts.latency);
}

/**
 * The order in which writers apply increments: by dimension, period, bucket and key. Writers that
 * lock rows in one order cannot lock each other out.
 */
export function compareRows(a: SummaryRow, b: SummaryRow): number {
  return (
    compareText(a.dimension, b.dimension) ||
    SUMMARY_PERIODS.indexOf(a.period) - SUMMARY_PERIODS.indexOf(b.period) ||
    a.bucket - b.bucket ||
    compareText(a.key, b.key)
  );
}

/** Compares by code unit: any order will do here, as long as it is the same everywhere. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The sum of increments: each row once, in the order of writers. */
export function mergeIncrements(increments: Iterable<SummaryIncrement>): SummaryIncrement[] {
  const rows = new Map<string, SummaryRow & MutableCounts & { unhandled?: true }>();
  for (const increment of increments) {
    const { dimension, period, bucket, key, unhandled } = increment;
    const id = `${dimension} ${period} ${bucket} ${key}`;
    let row = rows.get(id);
    if (!row) {
      row = { dimension, period, bucket, key, ...noCounts(), ...(unhandled && { unhandled }) };
      rows.set(id, row);
    } else if (!unhandled) delete row.unhandled;
    addCounts(row, increment);
  }
  return [...rows.values()].sort(compareRows);
}
