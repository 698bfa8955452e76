import {
  mergeIncrements,
  SUMMARY_PERIODS,
  type BucketCalendar,
  type Summarizer,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import type { BucketRanges, PrunedUntil } from '../../base/recompute/bucket-ranges.js';
import { BoundaryRecomputation, isReplaced } from '../../base/time-zones/boundary-recomputation.js';
import type { BucketStart } from '../../base/time-zones/fitting-zone.js';
import {
  isSameZone,
  type DimensionsChange,
  type ZonedSums,
} from '../../base/time-zones/settle-time-zone.js';
import type { NotedZone } from '../../base/time-zones/zone-change.js';
import type { BatchWriter } from '../batches/batch-writer.js';
import { RebuildLease } from '../batches/rebuild-lease.js';
import { siteFilter, type MongoCollections } from '../connection/mongo-collections.js';
import { READ_LATEST } from '../connection/operation-options.js';
import { notePruned, noteZone, readPruned, readZones } from '../../base/named-values.js';
import type { MongoValues } from '../named-values.js';
import { deleteEmptied } from './bucket-key-counts.js';
import { correctionsOf } from './corrections.js';
import { eachPage } from './recompute-month.js';
import { snapshotOf } from './snapshot.js';

/** The zone of the sums in MongoDB. */
export class SummaryZones implements ZonedSums {
  readonly calendar: BucketCalendar;
  readonly dimensions: readonly string[];

  constructor(
    readonly storageName: string,
    private readonly collections: MongoCollections,
    private readonly summarizer: Summarizer,
    private readonly maxKeys: number,
    private readonly batches: BatchWriter,
    private readonly values: MongoValues,
    readonly rebuild: () => Promise<void>,
  ) {
    ({ calendar: this.calendar, dimensions: this.dimensions } = summarizer);
  }

  readZones(): Promise<Map<string, NotedZone>> {
    return readZones(this.values, this.dimensions);
  }

  noteZone(dimensions: readonly string[], noted: NotedZone): Promise<void> {
    return noteZone(this.values, dimensions, noted);
  }

  readPruned(): Promise<PrunedUntil> {
    return readPruned(this.values);
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
    const { batches, calendar } = this;
    const { dimensions, boundaries } = change;
    const lease = await RebuildLease.acquire(batches);
    try {
      const zones = await this.readZones();
      if (!isSameZone(zones.get(dimensions[0]!), change.noted)) return;
      await batches.journal.advance();
      if (boundaries.length > 0) await this.correctBoundaries(change, lease);
      for (const { period, until } of boundaries) await notePruned(this.values, period, until);
      await noteZone(this.values, dimensions, { zone: calendar.timeZone, isComplete: false });
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

/** The buckets around the boundaries; of a period that has none, no bucket. */
function rangesOf({ boundaries }: DimensionsChange): BucketRanges {
  const [hour, day, month] = SUMMARY_PERIODS.map((period) => {
    const boundary = boundaries.find((each) => each.period === period);
    if (!boundary) return { first: 1, last: 0 };
    return { first: Math.min(boundary.from, boundary.bucket), last: boundary.until - 1 };
  });
  return { hour: hour!, day: day!, month: month! };
}
