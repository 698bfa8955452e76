import type { UsageRecord } from '../../../record/index.js';
import {
  nameOfRow,
  noCounts,
  OTHER_KEY,
  SummaryTable,
  type BucketRange,
  type Summarizer,
  type SummaryIncrement,
  type SummaryPeriod,
  type SummaryRow,
} from '../../../summary/index.js';
import { asStored } from './as-stored.js';
import { within } from './bucket-ranges.js';

/** Recomputes sums from records. */
export class Recomputation {
  private readonly table: SummaryTable;
  /** The part that requests without a handler add. */
  private readonly unhandled = new SummaryTable();

  /**
   * @param live The stored rows. Their keys keep their rows, even if the cap rejects other keys. If
   * `(other)` is among them, keys of requests without a handler get no new rows: the stored
   * `(other)` counts those that had none.
   */
  constructor(
    private readonly summarizer: Summarizer,
    private readonly ranges: Record<SummaryPeriod, BucketRange>,
    maxKeys: number,
    private readonly live: readonly (SummaryRow | SummaryIncrement)[],
  ) {
    this.table = new SummaryTable(maxKeys);
    this.table.add(
      live.map(({ dimension, period, bucket, key }) => ({
        dimension,
        period,
        bucket,
        key,
        ...noCounts(),
      })),
    );
    for (const row of live) if (row.key === OTHER_KEY) this.table.closeToUnhandled(row);
  }

  add(records: readonly UsageRecord[]): void {
    this.addTo(this.table, records);
    const unhandled = records.filter(({ handler }) => handler === null);
    if (unhandled.length > 0) this.addTo(this.unhandled, unhandled);
  }

  /**
   * Returns the rows that have hits, in lock order.
   *
   * @param isRebuild Whether rows that lack measures get them.
   */
  rows(isRebuild = false): SummaryIncrement[] {
    const rows = asStored(this.table.rows(), this.unhandled.rows(), this.live, isRebuild);
    return rows.filter(({ hits }) => hits > 0);
  }

  private addTo(table: SummaryTable, records: readonly UsageRecord[]): void {
    const increments = this.summarizer.summarize(records);
    table.add(increments.filter(({ period, bucket }) => within(bucket, this.ranges[period])));
  }
}

/**
 * Whether a recomputation removed a row from a bucket that has rejected keys. One of those keys
 * takes the row's room: recompute again to find out which.
 */
export function leavesRoom(before: readonly SummaryRow[], after: readonly SummaryRow[]): boolean {
  const kept = new Set(after.map(nameOfRow));
  return before.some(
    (row) => !kept.has(nameOfRow(row)) && kept.has(nameOfRow({ ...row, key: OTHER_KEY })),
  );
}
