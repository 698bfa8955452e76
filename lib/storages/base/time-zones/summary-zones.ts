import type { BucketCalendar, Summarizer } from '../../../summary/index.js';
import { noteZone, readPruned, readZones, type NamedValues } from '../named-values.js';
import type { PrunedUntil } from '../recompute/bucket-ranges.js';
import type { BucketStart } from './fitting-zone.js';
import type { DimensionsChange, ZonedSums } from './settle-time-zone.js';
import type { NotedZone } from './zone-change.js';

/** The time zone of a storage's sums, noted among its named values. */
export abstract class BaseSummaryZones implements ZonedSums {
  readonly calendar: BucketCalendar;
  readonly dimensions: readonly string[];

  constructor(
    readonly storageName: string,
    protected readonly values: NamedValues,
    summarizer: Pick<Summarizer, 'calendar' | 'dimensions'>,
    readonly rebuild: () => Promise<void>,
  ) {
    ({ calendar: this.calendar, dimensions: this.dimensions } = summarizer);
  }

  abstract bucketStarts(dimensions: readonly string[]): Promise<BucketStart[]>;

  abstract recut(change: DimensionsChange): Promise<void>;

  readZones(): Promise<Map<string, NotedZone>> {
    return readZones(this.values, this.dimensions);
  }

  noteZone(dimensions: readonly string[], noted: NotedZone): Promise<void> {
    return noteZone(this.values, dimensions, noted);
  }

  readPruned(): Promise<PrunedUntil> {
    return readPruned(this.values);
  }
}
