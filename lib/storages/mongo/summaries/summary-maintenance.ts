import {
  keyText,
  mergeIncrements,
  SUMMARY_PERIODS,
  SummaryNotKeptError,
  type BucketSpan,
  type Summarizer,
  type UsageSums,
} from '../../../summary/index.js';
import type { ParsedSumQuery } from '../../base/parse-usage-query.js';
import {
  bucketRanges,
  rangesWithin,
  type BucketRanges,
  type PrunedUntil,
} from '../../base/recompute/bucket-ranges.js';
import { monthsWith } from '../../base/recompute/months.js';
import { rebuildInZone, settleTimeZone } from '../../base/time-zones/settle-time-zone.js';
import type { SummaryDifference } from '../../contract/summary-difference.js';
import type { BatchWriter } from '../batches/batch-writer.js';
import { RebuildLease } from '../batches/rebuild-lease.js';
import { siteFilter, type MongoCollections } from '../connection/mongo-collections.js';
import { READ_LATEST } from '../connection/operation-options.js';
import type { TtlOptions } from '../mongo-usage-storage.options.js';
import { readPruned } from '../named-values.js';
import { deleteEmptied, recountKeys } from './bucket-key-counts.js';
import { correctionsOf } from './corrections.js';
import { recomputeMonth } from './recompute-month.js';
import { snapshotOf } from './snapshot.js';
import { bucketFilter, readSums } from './sum-reader.js';
import { MongoZones } from './summary-zones.js';
import type { OnTimeZoneChange } from '../../contract/usage-storage.js';
import { differences } from '../../base/recompute/differences.js';

const ROWS_AT_ONCE = 500;

/** The summaries that a storage keeps beside its records. */
export class MongoSummaries {
  private readonly zones: MongoZones;

  constructor(
    private readonly storageName: string,
    private readonly place: MongoCollections,
    readonly summarizer: Summarizer,
    private readonly maxKeys: number,
    private readonly batches: BatchWriter,
    private readonly ttl: TtlOptions,
  ) {
    this.zones = new MongoZones(storageName, place, summarizer, maxKeys, batches, ttl, () =>
      this.rebuildMonths(null, null),
    );
  }

  /** Makes sure that the sums are cut in the zone that is configured. */
  async settleZone(onChange: OnTimeZoneChange | undefined): Promise<void> {
    if (this.zones.dimensions.length > 0) await settleTimeZone(this.zones, onChange);
  }

  /** @throws {SummaryNotKeptError} for a dimension that no hook keeps. */
  async getSum(
    dimension: string,
    { start, end, target, ...page }: ParsedSumQuery,
  ): Promise<UsageSums> {
    const { calendar, dimensions } = this.summarizer;
    if (!dimensions.includes(dimension))
      throw new SummaryNotKeptError(dimension, dimensions, this.storageName);
    const key = target === null ? null : keyText(target);
    const lists = SUMMARY_PERIODS.map((period) => {
      const range = calendar.range(period, start, end);
      return readSums(this.place, { dimension, period, range, target: key, ...page });
    });
    const [hour, day, month] = await Promise.all(lists);
    return { hour: hour!, day: day!, month: month! };
  }

  /** Makes the sums of the buckets that overlap a stretch of time anew; all without bounds. */
  async rebuild(start: Date | null, end: Date | null): Promise<void> {
    if (start || end || this.zones.dimensions.length === 0) await this.rebuildMonths(start, end);
    else await rebuildInZone(this.zones);
  }

  private async rebuildMonths(start: Date | null, end: Date | null): Promise<void> {
    const ranges = await this.ranges(start, end);
    const turn = await RebuildLease.take(this.batches);
    try {
      await this.batches.log.advance();
      for await (const month of this.months(ranges)) await this.rebuildMonth(month, ranges, turn);
    } finally {
      this.batches.admission.forget();
      await turn.end();
    }
  }

  /** Compares the sums of the buckets that overlap a stretch of time with the records. */
  async verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]> {
    const { place, summarizer, maxKeys } = this;
    const ranges = await this.ranges(start, end);
    const found: SummaryDifference[] = [];
    await this.batches.log.advance();
    for await (const month of this.months(ranges)) {
      const ofMonth = rangesWithin(month, ranges);
      const snapshot = await snapshotOf(place, this.batches, summarizer.dimensions, ofMonth);
      const expected = await recomputeMonth(
        place,
        summarizer,
        maxKeys,
        month,
        ofMonth,
        snapshot,
        async () => {},
      );
      found.push(...differences(snapshot.rows, expected));
    }
    return found;
  }

  /**
   * Sums are corrected, not replaced: what is added to a row between the snapshot and the
   * correction stays.
   */
  private async rebuildMonth(
    month: BucketSpan,
    ranges: BucketRanges,
    turn: RebuildLease,
  ): Promise<void> {
    const { place, summarizer, maxKeys } = this;
    const { dimensions } = summarizer;
    const ofMonth = rangesWithin(month, ranges);
    await turn.keep();
    const snapshot = await snapshotOf(place, this.batches, dimensions, ofMonth, (rows) =>
      recountKeys(place, dimensions, ofMonth, rows, maxKeys),
    );
    const keep = () => turn.keep();
    const expected = await recomputeMonth(
      place,
      summarizer,
      maxKeys,
      month,
      ofMonth,
      snapshot,
      keep,
    );
    const { changed, missing, emptied } = correctionsOf(snapshot.rows, expected);
    const rows = mergeIncrements([...changed, ...missing]);
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
      await turn.correct(rows.slice(at, at + ROWS_AT_ONCE));
    await deleteEmptied(place, emptied);
  }

  /** Until when data has been pruned. */
  pruned(): Promise<PrunedUntil> {
    return readPruned(this.place, this.ttl);
  }

  private async ranges(start: Date | null, end: Date | null): Promise<BucketRanges> {
    const pruned = await this.pruned();
    return bucketRanges(this.summarizer.calendar, start, end, pruned);
  }

  // The months that are asked for and have records or sums.
  private async *months(ranges: BucketRanges): AsyncGenerator<BucketSpan, void, undefined> {
    const { calendar, dimensions } = this.summarizer;
    if (dimensions.length === 0) return;
    yield* monthsWith(calendar, ranges, (from) => this.firstDate(from));
  }

  private async firstDate(from: number | null): Promise<number | null> {
    const { records, summaries, website } = this.place;
    const options = { ...READ_LATEST, projection: { _id: 0, date: 1 } };
    const since = from === null ? {} : { date: { $gte: new Date(from) } };
    const first = (collection: typeof records, filter: object) =>
      collection.find(filter, options).sort({ date: 1 }).limit(1).toArray();
    const found = await Promise.all([
      first(records, { ...siteFilter(website), ...since }),
      ...this.summarizer.dimensions.flatMap((dimension) =>
        SUMMARY_PERIODS.map((period) => {
          const range = { first: from, last: null };
          return first(summaries, { ...bucketFilter(website, period, range), dimension });
        }),
      ),
    ]);
    const dates = found.flat().map(({ date }) => (date as Date).getTime());
    return dates.length > 0 ? Math.min(...dates) : null;
  }
}
