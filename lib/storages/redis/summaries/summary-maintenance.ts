import {
  SUMMARY_PERIODS,
  type BucketRange,
  type BucketSpan,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { leavesRoom } from '../../base/recompute/recomputation.js';
import { readPruned, type NamedValues } from '../../base/named-values.js';
import { bucketRanges } from '../../base/recompute/bucket-ranges.js';
import { differences } from '../../base/recompute/differences.js';
import { Recomputation } from '../../base/recompute/recomputation.js';
import {
  BaseSummaryMaintenance,
  type RecomputedMonth,
} from '../../base/recompute/summary-maintenance.js';
import type { SummaryDifference } from '../../contract/maintenance.js';
import type { RecordReader } from '../records/record-reader.js';
import type { SumLock } from './sum-lock.js';
import type { SumRows } from './sum-rows.js';
import type { Recomputed, SumWriter } from './sum-writer.js';
import { SummaryZones } from './summary-zones.js';

/** Rebuilds and verifies sums. Writers are locked out of the month that is recomputed. */
export class SummaryMaintenance extends BaseSummaryMaintenance {
  protected readonly zones: SummaryZones;

  constructor(
    storageName: string,
    values: NamedValues,
    private readonly rows: SumRows,
    private readonly writer: SumWriter,
    private readonly records: RecordReader,
    private readonly lock: SumLock,
  ) {
    super(writer.summarizer, values);
    this.zones = new SummaryZones(storageName, values, rows, writer, records, lock, () =>
      this.rebuildRange(null, null),
    );
  }

  /** Does work on a month and then rebuilds its sums, while writers are locked out of it. */
  async rebuildAfter(month: BucketSpan, work: () => Promise<void>): Promise<void> {
    const { calendar } = this.summarizer;
    const [start, end] = [new Date(month.start), new Date(month.end - 1)];
    const ranges = bucketRanges(calendar, start, end, await readPruned(this.values));
    let isAgain = false;
    const replace = async (recomputed: Recomputed) => {
      await this.writer.replaceRows(recomputed);
      isAgain = leavesRoom(recomputed.stored, recomputed.expected);
    };
    await this.recompute({ month, ranges }, true, replace, work);
    while (isAgain) await this.recompute({ month, ranges }, true, replace);
  }

  async rebuildRange(start: Date | null, end: Date | null): Promise<void> {
    for await (const month of this.months(start, end))
      await this.recompute(month, true, (recomputed) => this.writer.replaceRows(recomputed));
  }

  protected async verifyMonth(month: RecomputedMonth): Promise<SummaryDifference[]> {
    let found: SummaryDifference[] = [];
    await this.recompute(month, false, async ({ stored, expected }) => {
      found = differences(stored, expected);
    });
    return found;
  }

  protected firstDate(from: number | null): Promise<number | null> {
    return this.rows.firstDate(this.summarizer.dimensions, from);
  }

  private async recompute(
    { month, ranges }: RecomputedMonth,
    isRebuild: boolean,
    use: (recomputed: Recomputed) => Promise<void>,
    before: () => Promise<void> = async () => {},
  ): Promise<void> {
    const { summarizer, maxKeys } = this.writer;
    await this.lock.hold(month, async (lock) => {
      await before();
      const stored = await this.stored(ranges);
      const recomputation = new Recomputation(summarizer, ranges, maxKeys, stored);
      const filter = { start: new Date(month.start), end: new Date(month.end - 1), where: [] };
      for await (const records of this.records.batches(filter)) recomputation.add(records);
      await use({ stored, expected: recomputation.rows(isRebuild), lock });
    });
  }

  private async stored(ranges: Record<SummaryPeriod, BucketRange>): Promise<SummaryIncrement[]> {
    const rows: SummaryIncrement[] = [];
    for (const dimension of this.summarizer.dimensions) {
      for (const period of SUMMARY_PERIODS) {
        const buckets = await this.rows.buckets(dimension, period, ranges[period]);
        for (const row of await this.rows.ofBuckets(buckets.reverse())) rows.push(row);
      }
    }
    return rows;
  }
}
