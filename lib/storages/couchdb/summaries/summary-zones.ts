import { SUMMARY_PERIODS, type BucketCalendar } from '../../../summary/index.js';
import type { PrunedUntil } from '../../base/recompute/bucket-ranges.js';
import type { BucketStart } from '../../base/time-zones/fitting-zone.js';
import {
  isSameZone,
  type DimensionsChange,
  type ZonedSums,
} from '../../base/time-zones/settle-time-zone.js';
import type { NotedZone } from '../../base/time-zones/zone-change.js';
import { bucketOfText } from '../format/design-documents.js';
import type { DocumentSummarizer } from './sum-mapper.js';
import type { NamedValues } from '../named-values.js';
import { stretchOf, type SumView } from './sum-view.js';

/**
 * The zone of the sums in CouchDB. Each document says what itself adds, so that none counts twice:
 * those that have their record are corrected by a rebuild, and the others stay.
 */
export class SummaryZones implements ZonedSums {
  readonly calendar: BucketCalendar;
  readonly dimensions: readonly string[];

  constructor(
    readonly storageName: string,
    private readonly named: NamedValues,
    private readonly sums: SumView,
    documents: DocumentSummarizer,
    readonly rebuild: () => Promise<void>,
  ) {
    ({ calendar: this.calendar, dimensions: this.dimensions } = documents);
  }

  readZones(): Promise<Map<string, NotedZone>> {
    return this.named.readZones();
  }

  noteZone(dimensions: readonly string[], zone: NotedZone): Promise<void> {
    return this.named.noteZone(dimensions, zone);
  }

  readPruned(): Promise<PrunedUntil> {
    return this.named.readPruned();
  }

  async bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]> {
    const found = new Map<string, BucketStart>();
    for (const dimension of dimensions)
      for (const period of SUMMARY_PERIODS) {
        const stretch = stretchOf(dimension, period, { first: null, last: null });
        for await (const rows of this.sums.inParts(stretch, 3))
          for (const { key } of rows)
            found.set(`${period} ${key[2]}`, { period, bucket: bucketOfText(key[2]) });
      }
    return [...found.values()];
  }

  async recut({ dimensions, noted, boundaries }: DimensionsChange): Promise<void> {
    const zones = await this.readZones();
    if (!isSameZone(zones.get(dimensions[0]!), noted)) return;
    for (const { period, until } of boundaries) await this.named.notePruned(period, until);
    await this.noteZone(dimensions, { zone: this.calendar.timeZone, isComplete: false });
  }
}
