import type { UsageRecord } from '../../../record/index.js';
import {
  SummaryTable,
  type Summarizer,
  type SummaryIncrement,
  type SummaryRow,
} from '../../../summary/index.js';
import type { DimensionsChange } from './settle-time-zone.js';
import type { ZoneBoundary } from './zone-change.js';

/** Recomputes the remaining part of each bucket that a change of time zone cuts in two. */
export class BoundaryRecomputation {
  private readonly table: SummaryTable;
  private readonly cut: readonly ZoneBoundary[];
  private readonly dimensions: ReadonlySet<string>;

  constructor(
    private readonly summarizer: Summarizer,
    { dimensions, boundaries }: DimensionsChange,
    maxKeys: number,
  ) {
    this.table = new SummaryTable(maxKeys);
    this.cut = boundaries.filter(({ first, until }) => first < until);
    this.dimensions = new Set(dimensions);
  }

  /** The dates of the needed records. Null if none are needed. */
  get span(): { readonly start: Date; readonly end: Date } | null {
    if (this.cut.length === 0) return null;
    const start = Math.min(...this.cut.map(({ first }) => first));
    const end = Math.max(...this.cut.map(({ until }) => until)) - 1;
    return { start: new Date(start), end: new Date(end) };
  }

  add(records: readonly UsageRecord[]): void {
    for (const { period, first, until, bucket } of this.cut) {
      const within = records.filter(({ date }) => +date >= first && +date < until);
      const increments = this.summarizer.summarize(within);
      this.table.add(
        increments.filter(
          (each) =>
            each.period === period && each.bucket === bucket && this.dimensions.has(each.dimension),
        ),
      );
    }
  }

  /** Returns the rows in lock order. */
  rows(): SummaryIncrement[] {
    return this.table.rows();
  }
}

/** Whether a change of time zone replaces a row at one of its boundaries. */
export function isReplaced(
  { boundaries, dimensions }: DimensionsChange,
  { dimension, period, bucket }: Omit<SummaryRow, 'key'>,
): boolean {
  if (!dimensions.includes(dimension)) return false;
  return boundaries.some(
    (each) =>
      each.period === period &&
      ((bucket >= each.from && bucket < each.until) ||
        (bucket === each.bucket && each.first < each.until && !each.isShared)),
  );
}
