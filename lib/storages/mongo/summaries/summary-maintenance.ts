import { SUMMARY_PERIODS, type Summarizer } from '../../../summary/index.js';
import type { NamedValues } from '../../base/named-values.js';
import { differences } from '../../base/recompute/differences.js';
import {
  BaseSummaryMaintenance,
  type RecomputedMonth,
} from '../../base/recompute/summary-maintenance.js';
import type { SummaryDifference } from '../../contract/maintenance.js';
import type { BatchWriter } from '../batches/batch-writer.js';
import { RebuildLease } from '../batches/rebuild-lease.js';
import type { StalledBatchRecovery } from '../batches/stalled-batch-recovery.js';
import { siteFilter, type MongoCollections } from '../connection/mongo-collections.js';
import { READ_LATEST } from '../connection/operation-options.js';
import { deleteEmptied, recomputeKeyCounts } from './bucket-key-counts.js';
import { correctionsOf } from './corrections.js';
import { recomputeMonth } from './recompute-month.js';
import { snapshotOf } from './snapshot.js';
import { bucketFilter } from './sum-reader.js';
import { SummaryZones } from './summary-zones.js';

/** Rebuilds and verifies the sums in MongoDB. */
export class SummaryMaintenance extends BaseSummaryMaintenance {
  protected readonly zones: SummaryZones;

  constructor(
    storageName: string,
    values: NamedValues,
    private readonly collections: MongoCollections,
    protected override readonly summarizer: Summarizer,
    private readonly maxKeys: number,
    private readonly batches: BatchWriter,
    private readonly recovery: StalledBatchRecovery,
  ) {
    super(summarizer, values);
    const rebuild = () => this.rebuildRange(null, null);
    this.zones = new SummaryZones(
      storageName,
      values,
      rebuild,
      collections,
      summarizer,
      maxKeys,
      batches,
    );
  }

  override async rebuild(start: Date | null, end: Date | null): Promise<void> {
    await this.recovery.sweep();
    await super.rebuild(start, end);
  }

  async rebuildRange(start: Date | null, end: Date | null): Promise<void> {
    if (this.summarizer.dimensions.length === 0) return;
    const lease = await RebuildLease.acquire(this.batches);
    try {
      await this.batches.journal.advance();
      for await (const month of this.months(start, end)) await this.rebuildMonth(month, lease);
    } finally {
      await lease.release();
    }
  }

  override async verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]> {
    await this.batches.journal.advance();
    return super.verify(start, end);
  }

  protected async verifyMonth(month: RecomputedMonth): Promise<SummaryDifference[]> {
    const { collections, summarizer, maxKeys, batches } = this;
    const snapshot = await snapshotOf(collections, batches, summarizer.dimensions, month.ranges);
    const sums = { collections, summarizer, maxKeys };
    const rows = await recomputeMonth(sums, month, snapshot, false);
    return differences(snapshot.rows, rows);
  }

  // Correct the sums, do not replace them: what writers add to a row between the snapshot and the
  // correction stays.
  private async rebuildMonth(month: RecomputedMonth, lease: RebuildLease): Promise<void> {
    const { collections, summarizer, maxKeys, batches } = this;
    const { dimensions } = summarizer;
    const { ranges } = month;
    const renew = () => lease.renew();
    await renew();
    const snapshot = await snapshotOf(collections, batches, dimensions, ranges, (rows) =>
      recomputeKeyCounts(collections, dimensions, ranges, rows, maxKeys),
    );
    const sums = { collections, summarizer, maxKeys };
    const expected = await recomputeMonth(sums, month, snapshot, true, renew);
    const { rows, emptied } = correctionsOf(snapshot.rows, expected);
    await lease.correct(rows);
    await deleteEmptied(collections, emptied);
  }

  protected async firstDate(from: number | null): Promise<number | null> {
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
