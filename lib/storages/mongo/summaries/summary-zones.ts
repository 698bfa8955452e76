import {
  mergeIncrements,
  SUMMARY_PERIODS,
  type Summarizer,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import type { NamedValues } from '../../base/named-values.js';
import type { BucketRanges } from '../../base/recompute/bucket-ranges.js';
import { BoundaryRecomputation, isReplaced } from '../../base/time-zones/boundary-recomputation.js';
import type { BucketStart } from '../../base/time-zones/fitting-zone.js';
import type { DimensionsChange } from '../../base/time-zones/settle-time-zone.js';
import { BaseSummaryZones } from '../../base/time-zones/summary-zones.js';
import type { BatchWriter } from '../batches/batch-writer.js';
import { RebuildLease } from '../batches/rebuild-lease.js';
import { siteFilter, type MongoCollections } from '../connection/mongo-collections.js';
import { READ_LATEST } from '../connection/operation-options.js';
import { deleteEmptied } from './bucket-key-counts.js';
import { correctionsOf } from './corrections.js';
import { eachPage } from './recompute-month.js';
import { snapshotOf } from './snapshot.js';

/** The time zone of the sums in MongoDB. */
export class SummaryZones extends BaseSummaryZones {
  constructor(
    storageName: string,
    values: NamedValues,
    rebuild: () => Promise<void>,
    private readonly collections: MongoCollections,
    private readonly summarizer: Summarizer,
    private readonly maxKeys: number,
    private readonly batches: BatchWriter,
  ) {
    super(storageName, values, summarizer, rebuild);
  }

  async bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]> {
    const { summaries, website } = this.collections;
    const found = await summaries
      .aggregate(
        [
          { $match: { ...siteFilter(website), dimension: { $in: dimensions }, hits: { $gt: 0 } } },
          { $group: { _id: { period: '$period', date: '$date' } } },
        ],
        { ...READ_LATEST, allowDiskUse: true },
      )
      .toArray();
    return found.map(({ _id }) => {
      const { period, date } = _id as { period: SummaryPeriod; date: Date };
      return { period, bucket: date.getTime() };
    });
  }

  async recut(change: DimensionsChange): Promise<void> {
    const { batches } = this;
    const lease = await RebuildLease.acquire(batches);
    try {
      if (!(await this.isStillNoted(change))) return;
      await batches.journal.advance();
      if (change.boundaries.length > 0) await this.correctBoundaries(change, lease);
      await this.noteRecut(change);
    } finally {
      await lease.release();
    }
  }

  private async correctBoundaries(change: DimensionsChange, lease: RebuildLease): Promise<void> {
    const { collections, batches, summarizer, maxKeys } = this;
    const { boundaries, dimensions } = change;
    const snapshot = await snapshotOf(collections, batches, dimensions, rangesOf(change));
    const isKept = ({ period, bucket }: SummaryIncrement) =>
      boundaries.some((each) => each.isShared && each.period === period && each.bucket === bucket);
    const kept = snapshot.rows.filter(isKept);
    const stored = [...kept, ...snapshot.rows.filter((row) => isReplaced(change, row))];
    const recomputation = new BoundaryRecomputation(summarizer, change, maxKeys);
    if (recomputation.span)
      await eachPage(collections, recomputation.span, snapshot, async (page) => {
        recomputation.add(page);
        await lease.renew();
      });
    const expected = mergeIncrements([...kept, ...recomputation.rows()]);
    const { rows, emptied } = correctionsOf(stored, expected);
    await lease.correct(rows);
    await deleteEmptied(collections, emptied);
  }
}

/** The buckets around the boundaries. A period without a boundary gets no bucket. */
function rangesOf({ boundaries }: DimensionsChange): BucketRanges {
  const [hour, day, month] = SUMMARY_PERIODS.map((period) => {
    const boundary = boundaries.find((each) => each.period === period);
    if (!boundary) return { first: 1, last: 0 };
    return { first: Math.min(boundary.from, boundary.bucket), last: boundary.until - 1 };
  });
  return { hour: hour!, day: day!, month: month! };
}
