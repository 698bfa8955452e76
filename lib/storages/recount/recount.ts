import type { UsageRecord } from '../../record/index.js';
import {
  noCounts,
  SummaryTable,
  type BucketRange,
  type Summarizer,
  type SummaryIncrement,
  type SummaryPeriod,
  type SummaryRow,
} from '../../summary/index.js';
import { within } from './bucket-ranges.js';

/** Sums made anew from records. */
export class Recount {
  private readonly table: SummaryTable;

  /**
   * @param live The rows that are stored: their keys keep their rows where there are more keys
   * than rows.
   */
  constructor(
    private readonly summarizer: Summarizer,
    private readonly ranges: Record<SummaryPeriod, BucketRange>,
    maxKeys: number,
    live: readonly SummaryRow[],
  ) {
    this.table = new SummaryTable(maxKeys);
    this.table.add(live.map((row) => ({ ...row, ...noCounts() })));
  }

  add(records: Iterable<UsageRecord>): void {
    const increments = this.summarizer.summarize(records);
    this.table.add(increments.filter(({ period, bucket }) => within(bucket, this.ranges[period])));
  }

  /** The rows that records stand behind, in the order of writers. */
  rows(): SummaryIncrement[] {
    return this.table.rows().filter(({ hits }) => hits > 0);
  }
}
