import type { UsageRecord } from '../../record/index.js';
import {
  keyText,
  mergeIncrements,
  OTHER_KEY,
  Summarizer,
  SUMMARY_PERIODS,
  SummaryNotKeptError,
  SummaryTable,
  type SummaryIncrement,
  type SummaryPeriod,
  type UsageSums,
} from '../../summary/index.js';
import { leavesRoom } from '../base/leaves-room.js';
import { ErasedRows } from '../base/erased-rows.js';
import type { ParsedSubject } from '../contract/usage-subject.js';
import type { ParsedSumQuery } from '../base/parse-usage-query.js';
import { bucketRanges, within, type PrunedUntil } from '../base/recompute/bucket-ranges.js';
import { BoundaryRecomputation, isReplaced } from '../base/time-zones/boundary-recomputation.js';
import {
  rebuildInZone,
  settleTimeZone,
  type DimensionsChange,
  type OnTimeZoneChange,
  type ZonedSums,
} from '../base/time-zones/settle-time-zone.js';
import type { NotedZone } from '../base/time-zones/zone-change.js';
import { Recomputation } from '../base/recompute/recomputation.js';
import { differences, type SummaryDifference } from '../contract/summary-difference.js';
import type { UsageStorageContext } from '../contract/usage-storage.js';

interface Recounted {
  readonly stored: readonly SummaryIncrement[];
  readonly expected: readonly SummaryIncrement[];
}

/** The sums of records in memory. */
export class MemorySums {
  private readonly summarizer: Summarizer;
  private readonly table: SummaryTable;
  private readonly pruned: PrunedUntil;
  private readonly zones: Map<string, NotedZone>;

  /** @param before Those of the storage when it was open before. */
  constructor(
    private readonly storageName: string,
    { summaries, timeZone, logger }: UsageStorageContext,
    private readonly maxKeys: number,
    before: MemorySums | null,
  ) {
    this.summarizer = new Summarizer({
      summaries,
      timeZone,
      onKeyError: (error) => {
        logger.warn(error.message);
      },
    });
    this.table = new SummaryTable(maxKeys);
    if (before) this.table.add(before.table.rows());
    this.pruned = { ...before?.pruned };
    this.zones = new Map(before?.zones);
  }

  /** Makes sure that the sums are cut in the zone that is configured. */
  async settleZone(
    records: readonly UsageRecord[],
    onChange: OnTimeZoneChange | undefined,
  ): Promise<void> {
    if (this.summarizer.dimensions.length > 0) await settleTimeZone(this.zoned(records), onChange);
  }

  add(records: readonly UsageRecord[]): void {
    this.table.add(this.summarizer.summarize(records));
  }

  getSum(dimension: string, { start, end, target, ...page }: ParsedSumQuery): UsageSums {
    const { calendar, dimensions } = this.summarizer;
    if (!dimensions.includes(dimension))
      throw new SummaryNotKeptError(dimension, dimensions, this.storageName);
    return this.table.sums(dimension, {
      ...page,
      target: target === null ? null : keyText(target),
      range: (period) => calendar.range(period, start, end),
    });
  }

  async rebuild(
    records: readonly UsageRecord[],
    start: Date | null,
    end: Date | null,
  ): Promise<void> {
    if (start || end || this.summarizer.dimensions.length === 0)
      this.rebuildNow(records, start, end);
    else await rebuildInZone(this.zoned(records));
  }

  private rebuildNow(records: readonly UsageRecord[], start: Date | null, end: Date | null): void {
    const { expected } = this.recount(records, start, end);
    const ranges = bucketRanges(this.summarizer.calendar, start, end, this.pruned);
    for (const period of SUMMARY_PERIODS) this.table.remove(period, ranges[period]);
    this.table.add(expected);
  }

  verify(
    records: readonly UsageRecord[],
    start: Date | null,
    end: Date | null,
  ): SummaryDifference[] {
    const { stored, expected } = this.recount(records, start, end);
    return differences(stored, expected);
  }

  /** Takes records that are gone out of the sums, given those that are left, the oldest first. */
  forget(subject: ParsedSubject, gone: readonly UsageRecord[], left: readonly UsageRecord[]): void {
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
        this.rebuildNow(left, new Date(start), end);
        again = leavesRoom(before, this.table.rows());
      }
    const forgotten = new ErasedRows(subject, this.summarizer, this.pruned);
    for (const row of this.table.rows())
      if (
        row.key === forgotten.key &&
        forgotten.isNamedIn(row.dimension) &&
        forgotten.isFolded(row.dimension, row.period, row.bucket)
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

  /** Records from before an instant are gone: what they were summed up in is left as it is. */
  recordsPruned(before: number): void {
    this.notePruned('records', before);
  }

  private notePruned(kind: keyof PrunedUntil, before: number): void {
    this.pruned[kind] = Math.max(this.pruned[kind] ?? -Infinity, before);
  }

  /** Deletes the buckets of a period that ended by an instant; says how many rows they had. */
  prune(period: SummaryPeriod, before: number): number {
    this.notePruned(period, before);
    const first = this.summarizer.calendar.start(period, before);
    const rows = this.table.rows().filter((row) => row.period === period && row.bucket < first);
    for (const { bucket } of rows) this.table.remove(period, { first: bucket, last: bucket });
    return rows.length;
  }

  private recount(
    records: readonly UsageRecord[],
    start: Date | null,
    end: Date | null,
  ): Recounted {
    const ranges = bucketRanges(this.summarizer.calendar, start, end, this.pruned);
    const stored = this.table.rows().filter(({ period, bucket }) => within(bucket, ranges[period]));
    const recount = new Recomputation(this.summarizer, ranges, this.maxKeys, stored);
    recount.add(records);
    return { stored, expected: recount.rows() };
  }

  private zoned(records: readonly UsageRecord[]): ZonedSums {
    const { zones, pruned, summarizer, table, storageName } = this;
    const { calendar, dimensions } = summarizer;
    return {
      storageName,
      calendar,
      dimensions,
      readZones: async () => zones,
      noteZone: async (some, noted) => some.forEach((name) => zones.set(name, noted)),
      readPruned: async () => pruned,
      bucketStarts: async (some) =>
        table.rows().filter(({ dimension }) => some.includes(dimension)),
      recut: async (change) => this.recut(records, change),
      rebuild: async () => this.rebuildNow(records, null, null),
    };
  }

  private recut(records: readonly UsageRecord[], change: DimensionsChange): void {
    const stay = this.table.rows().filter((row) => !isReplaced(change, row));
    const recount = new BoundaryRecomputation(this.summarizer, change, this.maxKeys);
    recount.add(records);
    for (const period of SUMMARY_PERIODS) this.table.remove(period, { first: null, last: null });
    this.table.add(mergeIncrements([...stay, ...recount.rows()]));
    for (const { period, until } of change.boundaries) this.notePruned(period, until);
    const zone = this.summarizer.calendar.timeZone;
    for (const name of change.dimensions) this.zones.set(name, { zone, isComplete: false });
  }
}
