import {
  addCounts,
  noCounts,
  rowWith,
  type MutableCounts,
  type SummaryCounts,
} from './measures.js';
import { SUMMARY_PERIODS, type SummaryPeriod } from './usage-sum.js';

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
   * rows of a bucket, as anybody can make them up. Absent or undefined: some did.
   */
  readonly unhandled?: true | undefined;
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
  const rows = new Map<string, SummaryRow & MutableCounts & { unhandled: true | undefined }>();
  for (const increment of increments) {
    const { dimension, period, bucket, key, unhandled } = increment;
    const id = `${dimension} ${period} ${bucket} ${key}`;
    let row = rows.get(id);
    if (!row) {
      row = rowWith(dimension, period, bucket, key, noCounts(), unhandled);
      rows.set(id, row);
    } else if (!unhandled) row.unhandled = undefined;
    addCounts(row, increment);
  }
  return [...rows.values()].sort(compareRows);
}
