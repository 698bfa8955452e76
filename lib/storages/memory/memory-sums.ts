import { setImmediate as turn } from 'node:timers/promises';
import type { UsageRecord } from '../../record/index.js';
import {
  isNamedKey,
  mergeIncrements,
  OTHER_KEY,
  SUMMARY_PERIODS,
  SummaryTable,
  type BucketSpan,
  type Summarizer,
  type SummaryIncrement,
  type SummaryPeriod,
  type UsageSum,
} from '../../summary/index.js';
import type {
  BucketTotal,
  ScannedSum,
  ScannedSums,
  SumPageQuery,
  SumRangeQuery,
  SumScanQuery,
} from '../base/base-storage.js';
import { leavesRoom } from '../base/recompute/recomputation.js';
import type { NamedValues } from '../base/named-values.js';
import { openSummarizer } from '../base/open-summarizer.js';
import { within, type BucketRanges } from '../base/recompute/bucket-ranges.js';
import { differences } from '../base/recompute/differences.js';
import { Recomputation } from '../base/recompute/recomputation.js';
import {
  BaseSummaryMaintenance,
  type RecomputedMonth,
} from '../base/recompute/summary-maintenance.js';
import type { SummaryDifference } from '../contract/maintenance.js';
import type { UsageStorageContext } from '../contract/usage-storage.js';
import type { MemoryRecords } from './memory-records.js';
import { MemoryZones } from './memory-zones.js';

const ROWS_IN_PART = 500;

interface Recomputed {
  readonly stored: readonly SummaryIncrement[];
  readonly expected: readonly SummaryIncrement[];
}

/** Keeps sums in memory. */
export class MemorySums extends BaseSummaryMaintenance {
  readonly readsLatencyLate = 'never';
  protected readonly zones: MemoryZones;
  private readonly maxKeys: number;
  private readonly table: SummaryTable;

  /** @param before The storage's sums from when it was last open. */
  constructor(
    storageName: string,
    private readonly records: MemoryRecords,
    values: NamedValues,
    context: UsageStorageContext,
    before: MemorySums | null,
    override readonly summarizer: Summarizer = openSummarizer(context),
  ) {
    super(summarizer, values);
    this.maxKeys = context.maxKeys;
    this.table = new SummaryTable(this.maxKeys);
    if (before) this.table.add(before.table.rows());
    this.zones = new MemoryZones(
      storageName,
      values,
      () => this.rebuildRange(null, null),
      summarizer,
      this.maxKeys,
      records,
      this.table,
    );
  }

  add(records: readonly UsageRecord[]): void {
    this.table.add(this.summarizer.summarize(records));
  }

  async page({ dimension, period, range, key, ...page }: SumPageQuery): Promise<UsageSum[]> {
    return this.table.page(dimension, period, { ...page, target: key, range: () => range });
  }

  async totals({ dimension, period, range }: SumRangeQuery): Promise<BucketTotal[]> {
    return [...this.table.runsOf(dimension, period, range)].flatMap((rows) => {
      const [first] = rows;
      if (!first) return [];
      const add = (name: 'hits' | 'measured') => rows.reduce((sum, row) => sum + row[name], 0);
      return { bucket: first.bucket, hits: add('hits'), measured: add('measured') };
    });
  }

  async *scan(query: SumScanQuery): ScannedSums {
    const { dimension, period, ranges, withLatency, keys, signal } = query;
    const wanted = keys && new Set(keys);
    for (const range of ranges)
      for (const rows of this.table.runsOf(dimension, period, range))
        for (let at = 0; at < rows.length; at += ROWS_IN_PART) {
          yield rows
            .slice(at, at + ROWS_IN_PART)
            .filter(({ key }) => wanted?.has(key) ?? true)
            .map((row) => scannedSumOf(row, withLatency));
          await turn();
          signal?.throwIfAborted();
        }
  }

  dimensions(): string[] {
    return [...new Set(this.table.rows().map(({ dimension }) => dimension))];
  }

  rowsOf(dimension: string, key: string): SummaryIncrement[] {
    return this.table.rows().filter((row) => row.dimension === dimension && row.key === key);
  }

  /** Recomputes the sums of a month in which records were erased. */
  async rebuildErased({ start, end }: BucketSpan): Promise<void> {
    for (let again = true; again;) {
      const before = this.table.rows();
      await this.rebuildRange(new Date(start), new Date(end - 1));
      again = leavesRoom(before, this.table.rows());
    }
  }

  /**
   * Deletes the buckets of a period that begin before an instant. Returns the number of their rows.
   */
  prune(period: SummaryPeriod, before: number): number {
    const rows = this.table.rows().filter((row) => row.period === period && row.bucket < before);
    for (const { bucket } of rows) this.table.remove(period, { first: bucket, last: bucket });
    return rows.length;
  }

  /** Adds the rows of named keys to the `(other)` row of their buckets. */
  foldKeys(dimension: string, period: SummaryPeriod, before: number): number {
    const old = this.table.rows().filter((row) => row.period === period && row.bucket < before);
    const isFolded = (row: SummaryIncrement) => row.dimension === dimension && isNamedKey(row.key);
    const count = old.filter(isFolded).length;
    if (count === 0) return 0;
    this.table.remove(period, { first: null, last: before - 1 });
    this.table.add(
      mergeIncrements(old.map((row) => (isFolded(row) ? { ...row, key: OTHER_KEY } : row))),
    );
    return count;
  }

  async rebuildRange(start: Date | null, end: Date | null): Promise<void> {
    for await (const { ranges } of this.months(start, end)) {
      const { expected } = this.recompute(ranges, true);
      for (const period of SUMMARY_PERIODS) this.table.remove(period, ranges[period]);
      this.table.add(expected);
    }
  }

  protected async verifyMonth({ ranges }: RecomputedMonth): Promise<SummaryDifference[]> {
    const { stored, expected } = this.recompute(ranges, false);
    return differences(stored, expected);
  }

  protected async firstDate(from: number | null): Promise<number | null> {
    const dates = this.records.oldestFirst().map(({ date }) => date.getTime());
    for (const { bucket } of this.table.rows()) dates.push(bucket);
    const first = dates.reduce(
      (least, date) => (date >= (from ?? -Infinity) ? Math.min(least, date) : least),
      Infinity,
    );
    return first === Infinity ? null : first;
  }

  private recompute(ranges: BucketRanges, isRebuild: boolean): Recomputed {
    const stored = this.table.rows().filter(({ period, bucket }) => within(bucket, ranges[period]));
    const recomputation = new Recomputation(this.summarizer, ranges, this.maxKeys, stored);
    recomputation.add(this.records.oldestFirst());
    return { stored, expected: recomputation.rows(isRebuild) };
  }

  /** Adds a row to the `(other)` row of its bucket, and deletes it. */
  fold({ dimension, period, bucket, key }: SummaryIncrement): void {
    const others = this.table
      .rows()
      .filter((row) => row.period === period && row.bucket === bucket)
      .map((row) =>
        row.dimension === dimension && row.key === key ? { ...row, key: OTHER_KEY } : row,
      );
    this.table.remove(period, { first: bucket, last: bucket });
    this.table.add(mergeIncrements(others));
  }
}

function scannedSumOf(row: SummaryIncrement, withLatency: boolean): ScannedSum {
  const { bucket, key, latency } = row;
  return {
    bucket,
    key,
    counts: row,
    eachSlot(onSlot) {
      if (withLatency) for (const [slot, count] of latency) onSlot(slot, count);
    },
  };
}
