import {
  addCounts,
  noCounts,
  rowWith,
  type MutableCounts,
  type SummaryCounts,
} from './measures.js';
import { SUMMARY_PERIODS, type SummaryPeriod } from './usage-sum.js';

/** What identifies one row of a summary. */
export interface SummaryRow {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  /** First instant of the bucket, in milliseconds since the epoch. */
  readonly bucket: number;
  readonly key: string;
}

/** The counts to add to one row of a summary. */
export interface SummaryIncrement extends SummaryRow, SummaryCounts {
  /**
   * True if none of its requests reached a handler; absent or undefined if some did. Keys that only
   * come from such requests get few rows of a bucket, because any client can invent them.
   */
  readonly unhandled?: true | undefined;
}

/** A text that is the same for the same row only. */
export function nameOfRow({ dimension, period, bucket, key }: SummaryRow): string {
  return `${dimension} ${period} ${bucket} ${key}`;
}

/**
 * Lock order: dimension, period, bucket, key. All writers lock in this order, so they cannot
 * deadlock.
 */
export function compareRows(a: SummaryRow, b: SummaryRow): number {
  return (
    compareText(a.dimension, b.dimension) ||
    SUMMARY_PERIODS.indexOf(a.period) - SUMMARY_PERIODS.indexOf(b.period) ||
    a.bucket - b.bucket ||
    compareText(a.key, b.key)
  );
}

/** Compares by code unit. Lock order needs any order that is the same in every process. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Adds up increments of the same row. Returns each row once, in lock order. */
export function mergeIncrements(increments: Iterable<SummaryIncrement>): SummaryIncrement[] {
  const rows = new Map<string, SummaryRow & MutableCounts & { unhandled: true | undefined }>();
  for (const increment of increments) {
    const { dimension, period, bucket, key, unhandled } = increment;
    const id = nameOfRow(increment);
    let row = rows.get(id);
    if (!row) {
      row = rowWith(dimension, period, bucket, key, noCounts(), unhandled);
      rows.set(id, row);
    } else if (!unhandled) row.unhandled = undefined;
    addCounts(row, increment);
  }
  return [...rows.values()].sort(compareRows);
}
