import { Summarizer, type BucketSpan } from '../../../summary/index.js';
import type { UsageRecord } from '../../../record/index.js';
import { bucketRanges, type BucketRanges } from '../../base/recompute/bucket-ranges.js';
import { monthsWith } from '../../base/recompute/months.js';
import type { SummaryDifference } from '../../contract/summary-difference.js';
import { RecordQueries } from '../records/record-queries.js';
import { differences } from '../../base/recompute/differences.js';
import { rebuildInZone, settleTimeZone } from '../../base/time-zones/settle-time-zone.js';
import type { UsageStorageContext, OnTimeZoneChange } from '../../contract/usage-storage.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { correctBucket, faultsOf } from './correct-bucket.js';
import { recomputeMonth } from './recompute-month.js';
import { readPruned } from './bucket-notes.js';
import { sumIncrements, type SumIncrement } from './sum-mapper.js';
import { SqlZones } from './summary-zones.js';
import { sumOfRow, SumQueries } from './sum-queries.js';

/** Keeps the summaries of a storage in agreement with its records. */
export class SummaryMaintenance {
  readonly summarizer: Summarizer;
  private readonly maxKeys: number;
  private readonly queries: SumQueries;
  private readonly onTimeZoneChange: OnTimeZoneChange | undefined;
  private readonly zones: SqlZones;

  constructor(
    storageName: string,
    private readonly engine: SqlEngine,
    private readonly layout: SqlLayout,
    { summaries, timeZone, logger, maxKeys, onTimeZoneChange }: UsageStorageContext,
  ) {
    this.maxKeys = maxKeys;
    this.summarizer = new Summarizer({
      summaries,
      timeZone,
      onKeyError: (error) => {
        logger.warn(error.message);
      },
    });
    this.queries = new SumQueries(layout.summaries);
    this.onTimeZoneChange = onTimeZoneChange;
    const rebuild = () => this.rebuildMonths(null, null);
    this.zones = new SqlZones(storageName, engine, layout, this.summarizer, maxKeys, rebuild);
  }

  /** What new records add to the sums, in lock order. */
  increments(records: readonly UsageRecord[]): SumIncrement[] {
    return sumIncrements(this.summarizer.summarize(records));
  }

  /** Makes sure that the sums are cut in the zone that is configured. */
  async settleZone(): Promise<void> {
    if (this.summarizer.dimensions.length > 0)
      await settleTimeZone(this.zones, this.onTimeZoneChange);
  }

  /** Makes the sums of the buckets that overlap a stretch of time anew; all without bounds. */
  async rebuild(start: Date | null, end: Date | null): Promise<void> {
    if (start || end || this.summarizer.dimensions.length === 0)
      await this.rebuildMonths(start, end);
    else await rebuildInZone(this.zones);
  }

  private async rebuildMonths(start: Date | null, end: Date | null): Promise<void> {
    const { layout, summarizer, maxKeys } = this;
    const ranges = await this.ranges(start, end);
    const recount = { layout, summarizer, maxKeys, ranges, isRebuild: true };
    for await (const month of this.months(ranges))
      await this.engine.atLength(() =>
        recomputeMonth(recount, month, (bucket) => correctBucket(layout, bucket)),
      );
  }

  /** Compares the sums of the buckets that overlap a stretch of time with the records. */
  async verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]> {
    const { layout, summarizer, maxKeys } = this;
    const ranges = await this.ranges(start, end);
    const recount = { layout, summarizer, maxKeys, ranges, isRebuild: false };
    const found: SummaryDifference[] = [];
    for await (const month of this.months(ranges)) {
      const ofMonth = await this.engine.snapshot(function* () {
        const inMonth: SummaryDifference[] = [];
        yield* recomputeMonth(recount, month, function* (bucket) {
          const { wanted, wrong, extra } = yield* faultsOf(bucket);
          const stored = [...wrong, ...extra].map(sumOfRow);
          for (const each of differences(stored, wanted)) inMonth.push(each);
        });
        return inMonth;
      });
      for (const each of ofMonth) found.push(each);
    }
    return found;
  }

  private async ranges(start: Date | null, end: Date | null): Promise<BucketRanges> {
    const pruned = await this.engine.steps(() => readPruned(this.layout.buckets));
    return bucketRanges(this.summarizer.calendar, start, end, pruned);
  }

  // The months that are asked for and have records or sums.
  private async *months(ranges: BucketRanges): AsyncGenerator<BucketSpan, void, undefined> {
    const { calendar, dimensions } = this.summarizer;
    if (dimensions.length === 0) return;
    yield* monthsWith(calendar, ranges, (from) => this.firstDate(from));
  }

  private async firstDate(from: number | null): Promise<number | null> {
    const records = new RecordQueries(this.layout.records);
    const statements = [
      records.firstDate(from),
      ...this.summarizer.dimensions.map((dimension) => this.queries.firstDate(dimension, from)),
    ];
    const firsts: number[] = [];
    for (const statement of statements) {
      const [row] = await this.engine.read(statement);
      const date = row?.['date'] ?? null;
      if (date !== null) firsts.push(Number(date));
    }
    return firsts.length > 0 ? Math.min(...firsts) : null;
  }
}
