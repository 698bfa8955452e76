import type { UsageRecord } from '../../record/index.js';
import {
  mergeIncrements,
  OTHER_KEY,
  Summarizer,
  SUMMARY_PERIODS,
  SummaryTable,
  type SummaryIncrement,
  type SummaryPeriod,
  type UsageSum,
} from '../../summary/index.js';
import type { SumPageQuery } from '../base/base-storage.js';
import { leavesRoom } from '../base/leaves-room.js';
import { ErasedRows } from '../base/erased-rows.js';
import { notePruned, noteZone, readPruned, readZones } from '../base/named-values.js';
import { bucketRanges, within, type PrunedUntil } from '../base/recompute/bucket-ranges.js';
import { BoundaryRecomputation, isReplaced } from '../base/time-zones/boundary-recomputation.js';
import {
  rebuildInZone,
  settleTimeZone,
  type DimensionsChange,
  type ZonedSums,
} from '../base/time-zones/settle-time-zone.js';
import { Recomputation } from '../base/recompute/recomputation.js';
import type { SummaryDifference } from '../contract/summary-difference.js';
import type { UsageStorageContext, OnTimeZoneChange } from '../contract/usage-storage.js';
import type { MemoryRecords } from './memory-records.js';
import type { MemoryValues } from './named-values.js';
import type { ParsedSubject } from '../base/parse-subject.js';
import { differences } from '../base/recompute/differences.js';

interface Recomputed {
  readonly stored: readonly SummaryIncrement[];
  readonly expected: readonly SummaryIncrement[];
}

/** The sums of records in memory. */
export class MemorySums {
  readonly summarizer: Summarizer;
  private readonly maxKeys: number;
  private readonly table: SummaryTable;

  /** @param before Those of the storage when it was open before. */
  constructor(
    private readonly storageName: string,
    private readonly records: MemoryRecords,
    private readonly values: MemoryValues,
    { summaries, timeZone, maxKeys, logger }: UsageStorageContext,
    before: MemorySums | null,
  ) {
    this.summarizer = new Summarizer({
      summaries,
      timeZone,
      onKeyError: (error) => {
        logger.warn(error.message);
      },
    });
    this.maxKeys = maxKeys;
    this.table = new SummaryTable(maxKeys);
    if (before) this.table.add(before.table.rows());
  }

  /** Makes sure that the sums are cut in the zone that is configured. */
  async settleZone(onChange: OnTimeZoneChange | undefined): Promise<void> {
    if (this.summarizer.dimensions.length > 0) await settleTimeZone(this.zoned(), onChange);
  }

  add(records: readonly UsageRecord[]): void {
    this.table.add(this.summarizer.summarize(records));
  }

  async page({ dimension, period, range, key, ...page }: SumPageQuery): Promise<UsageSum[]> {
    return this.table.page(dimension, period, { ...page, target: key, range: () => range });
  }

  async rebuild(start: Date | null, end: Date | null): Promise<void> {
    if (start || end || this.summarizer.dimensions.length === 0) await this.rebuildNow(start, end);
    else await rebuildInZone(this.zoned());
  }

  private async rebuildNow(start: Date | null, end: Date | null): Promise<void> {
    const pruned = await readPruned(this.values);
    const { expected } = this.recompute(start, end, pruned, true);
    const ranges = bucketRanges(this.summarizer.calendar, start, end, pruned);
    for (const period of SUMMARY_PERIODS) this.table.remove(period, ranges[period]);
    this.table.add(expected);
  }

  async verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]> {
    const { stored, expected } = this.recompute(start, end, await readPruned(this.values));
    return differences(stored, expected);
  }

  /** Takes records that are gone out of the sums. */
  async forget(subject: ParsedSubject, gone: readonly UsageRecord[]): Promise<void> {
    const { calendar } = this.summarizer;
    const months = new Map(
      gone.map(({ date }) => {
        const { start, end } = calendar.bucket('month', date.getTime());
        return [start, new Date(end - 1)];
      }),
    );
    for (const [start, end] of months)
      for (let again = true; again;) {
        const before = this.table.rows();
        await this.rebuildNow(new Date(start), end);
        again = leavesRoom(before, this.table.rows());
      }
    const erased = new ErasedRows(subject, this.summarizer, await readPruned(this.values));
    for (const row of this.table.rows())
      if (
        row.key === erased.key &&
        erased.isNamedIn(row.dimension) &&
        erased.isFolded(row.dimension, row.period, row.bucket)
      )
        this.fold(row);
  }

  private fold({ dimension, period, bucket, key }: SummaryIncrement): void {
    const others = this.table
      .rows()
      .filter((row) => row.period === period && row.bucket === bucket)
      .map((row) =>
        row.dimension === dimension && row.key === key ? { ...row, key: OTHER_KEY } : row,
      );
    this.table.remove(period, { first: bucket, last: bucket });
    this.table.add(mergeIncrements(others));
  }

  /** Deletes the buckets of a period that begin before an instant; says how many rows they had. */
  prune(period: SummaryPeriod, before: number): number {
    const rows = this.table.rows().filter((row) => row.period === period && row.bucket < before);
    for (const { bucket } of rows) this.table.remove(period, { first: bucket, last: bucket });
    return rows.length;
  }

  private recompute(
    start: Date | null,
    end: Date | null,
    pruned: PrunedUntil,
    isRebuild = false,
  ): Recomputed {
    const ranges = bucketRanges(this.summarizer.calendar, start, end, pruned);
    const stored = this.table.rows().filter(({ period, bucket }) => within(bucket, ranges[period]));
    const recomputation = new Recomputation(this.summarizer, ranges, this.maxKeys, stored);
    recomputation.add(this.records.oldestFirst());
    return { stored, expected: recomputation.rows(isRebuild) };
  }

  private zoned(): ZonedSums {
    const { values, summarizer, table, storageName } = this;
    const { calendar, dimensions } = summarizer;
    return {
      storageName,
      calendar,
      dimensions,
      readZones: () => readZones(values, dimensions),
      noteZone: (some, zone) => noteZone(values, some, zone),
      readPruned: () => readPruned(values),
      bucketStarts: async (some) =>
        table.rows().filter(({ dimension }) => some.includes(dimension)),
      recut: (change) => this.recut(change),
      rebuild: () => this.rebuildNow(null, null),
    };
  }

  private async recut(change: DimensionsChange): Promise<void> {
    const stay = this.table.rows().filter((row) => !isReplaced(change, row));
    const recomputation = new BoundaryRecomputation(this.summarizer, change, this.maxKeys);
    recomputation.add(this.records.oldestFirst());
    for (const period of SUMMARY_PERIODS) this.table.remove(period, { first: null, last: null });
    this.table.add(mergeIncrements([...stay, ...recomputation.rows()]));
    for (const { period, until } of change.boundaries) await notePruned(this.values, period, until);
    const zone = this.summarizer.calendar.timeZone;
    await noteZone(this.values, change.dimensions, { zone, isComplete: false });
  }
}
