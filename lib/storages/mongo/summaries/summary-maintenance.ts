import { SUMMARY_PERIODS, type BucketSpan, type Summarizer } from '../../../summary/index.js';
import { readPruned } from '../../base/named-values.js';
import {
  bucketRanges,
  rangesWithin,
  type BucketRanges,
} from '../../base/recompute/bucket-ranges.js';
import { monthsWith } from '../../base/recompute/months.js';
import { differences } from '../../base/recompute/differences.js';
import { rebuildInZone, settleTimeZone } from '../../base/time-zones/settle-time-zone.js';
import type { SummaryDifference } from '../../contract/summary-difference.js';
import type { OnTimeZoneChange } from '../../contract/usage-storage.js';
import type { BatchWriter } from '../batches/batch-writer.js';
import { RebuildLease } from '../batches/rebuild-lease.js';
import type { StalledBatchRecovery } from '../batches/stalled-batch-recovery.js';
import { siteFilter, type MongoCollections } from '../connection/mongo-collections.js';
import { READ_LATEST } from '../connection/operation-options.js';
import type { MongoValues } from '../named-values.js';
import { deleteEmptied, recomputeKeyCounts } from './bucket-key-counts.js';
import { correctionsOf } from './corrections.js';
import { recomputeMonth } from './recompute-month.js';
import { snapshotOf } from './snapshot.js';
import { bucketFilter } from './sum-reader.js';
import { SummaryZones } from './summary-zones.js';

/** Rebuilds and verifies the sums from the records. */
export class SummaryMaintenance {
  private readonly zones: SummaryZones;

  constructor(
    storageName: string,
    private readonly collections: MongoCollections,
    readonly summarizer: Summarizer,
    private readonly maxKeys: number,
    private readonly batches: BatchWriter,
    private readonly recovery: StalledBatchRecovery,
    private readonly values: MongoValues,
  ) {
    const rebuild = () => this.rebuildMonths(null, null);
    this.zones = new SummaryZones(
      storageName,
      collections,
      summarizer,
      maxKeys,
      batches,
      values,
      rebuild,
    );
  }

  /** Makes sure that the sums are cut in the zone that is configured. */
  async settleZone(onChange: OnTimeZoneChange | undefined): Promise<void> {
    if (this.zones.dimensions.length > 0) await settleTimeZone(this.zones, onChange);
  }

  async rebuild(start: Date | null, end: Date | null): Promise<void> {
    await this.recovery.sweep();
    if (start || end || this.zones.dimensions.length === 0) await this.rebuildMonths(start, end);
    else await rebuildInZone(this.zones);
  }

  /** Rebuilds the sums of the buckets that overlap a time range, in the zone that is configured. */
  async rebuildMonths(start: Date | null, end: Date | null): Promise<void> {
    if (this.summarizer.dimensions.length === 0) return;
    const ranges = await this.ranges(start, end);
    const lease = await RebuildLease.acquire(this.batches);
    try {
      await this.batches.journal.advance();
      for await (const month of this.months(ranges)) await this.rebuildMonth(month, ranges, lease);
    } finally {
      await lease.release();
    }
  }

  async verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]> {
    const { collections, summarizer, maxKeys, batches } = this;
    const ranges = await this.ranges(start, end);
    const found: SummaryDifference[] = [];
    await batches.journal.advance();
    for await (const month of this.months(ranges)) {
      const some = rangesWithin(month, ranges);
      const snapshot = await snapshotOf(collections, batches, summarizer.dimensions, some);
      const rows = await recomputeMonth(
        collections,
        summarizer,
        maxKeys,
        month,
        some,
        snapshot,
        false,
      );
      found.push(...differences(snapshot.rows, rows));
    }
    return found;
  }

  // Sums are corrected, not replaced: what is added to a row between the snapshot and the
  // correction stays.
  private async rebuildMonth(
    month: BucketSpan,
    ranges: BucketRanges,
    lease: RebuildLease,
  ): Promise<void> {
    const { collections, summarizer, maxKeys, batches } = this;
    const { dimensions } = summarizer;
    const some = rangesWithin(month, ranges);
    const renew = () => lease.renew();
    await renew();
    const snapshot = await snapshotOf(collections, batches, dimensions, some, (rows) =>
      recomputeKeyCounts(collections, dimensions, some, rows, maxKeys),
    );
    const expected = await recomputeMonth(
      collections,
      summarizer,
      maxKeys,
      month,
      some,
      snapshot,
      true,
      renew,
    );
    const { rows, emptied } = correctionsOf(snapshot.rows, expected);
    await lease.correct(rows);
    await deleteEmptied(collections, emptied);
  }

  private async ranges(start: Date | null, end: Date | null): Promise<BucketRanges> {
    const pruned = await readPruned(this.values);
    return bucketRanges(this.summarizer.calendar, start, end, pruned);
  }

  // The months that are asked for and have records or sums.
  private async *months(ranges: BucketRanges): AsyncGenerator<BucketSpan, void, undefined> {
    const { calendar, dimensions } = this.summarizer;
    if (dimensions.length === 0) return;
    yield* monthsWith(calendar, ranges, (from) => this.firstDate(from));
  }

  private async firstDate(from: number | null): Promise<number | null> {
    const { records, summaries, website } = this.collections;
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
