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
import type { TtlOptions } from '../mongo-usage-storage.options.js';
import { notePruned, readPruned, noteZone, readZones } from '../named-values.js';
import { deleteEmptied } from './bucket-key-counts.js';
import { correctionsOf } from './corrections.js';
import { eachPage } from './recompute-month.js';
import { snapshotOf } from './snapshot.js';

const ROWS_AT_ONCE = 500;

/** The zone of the sums in MongoDB. */
export class MongoZones implements ZonedSums {
  readonly calendar: BucketCalendar;
  readonly dimensions: readonly string[];

  constructor(
    readonly storageName: string,
    private readonly place: MongoCollections,
    private readonly summarizer: Summarizer,
    private readonly maxKeys: number,
    private readonly batches: BatchWriter,
    private readonly ttl: TtlOptions,
    readonly rebuild: () => Promise<void>,
  ) {
    ({ calendar: this.calendar, dimensions: this.dimensions } = summarizer);
  }

  readZones(): Promise<Map<string, NotedZone>> {
    return readZones(this.place, this.dimensions);
  }

  noteZone(dimensions: readonly string[], noted: NotedZone): Promise<void> {
    return noteZone(this.place, dimensions, noted);
  }

  readPruned(): Promise<PrunedUntil> {
    return readPruned(this.place, this.ttl);
  }

  async bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]> {
    const { summaries, website } = this.place;
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
    const { place, batches, calendar } = this;
    const { dimensions, boundaries } = change;
    const turn = await RebuildLease.take(batches);
    try {
      const zones = await this.readZones();
      if (!isSameZone(zones.get(dimensions[0]!), change.noted)) return;
      await batches.log.advance();
      if (boundaries.length > 0) await this.correctBoundaries(change, turn);
      for (const { period, until } of boundaries) await notePruned(place, period, until);
      await noteZone(place, dimensions, { zone: calendar.timeZone, isComplete: false });
    } finally {
      batches.admission.forget();
      await turn.end();
    }
  }

  private async correctBoundaries(change: DimensionsChange, turn: RebuildLease): Promise<void> {
    const { place, batches, summarizer, maxKeys } = this;
    const { boundaries, dimensions } = change;
    const snapshot = await snapshotOf(place, batches, dimensions, rangesOf(change));
    const isKept = ({ period, bucket }: SummaryIncrement) =>
      boundaries.some((each) => each.isShared && each.period === period && each.bucket === bucket);
    const kept = snapshot.rows.filter(isKept);
    const stored = [...kept, ...snapshot.rows.filter((row) => isReplaced(change, row))];
    const recount = new BoundaryRecomputation(summarizer, change, maxKeys);
    if (recount.span)
      await eachPage(place, recount.span, snapshot, async (page) => {
        recount.add(page);
        await turn.keep();
      });
    const expected = mergeIncrements([...kept, ...recount.rows()]);
    const { changed, missing, emptied } = correctionsOf(stored, expected);
    const rows = mergeIncrements([...changed, ...missing]);
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE)
      await turn.correct(rows.slice(at, at + ROWS_AT_ONCE));
    await deleteEmptied(place, emptied);
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
