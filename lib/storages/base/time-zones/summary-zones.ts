import type { BucketCalendar, Summarizer } from '../../../summary/index.js';
import { notePruned, noteZone, readPruned, readZones, type NamedValues } from '../named-values.js';
import type { PrunedUntil } from '../recompute/bucket-ranges.js';
import type { BucketStart } from './fitting-zone.js';
import { isSameZone, type DimensionsChange, type ZonedSums } from './settle-time-zone.js';
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

  /** Whether the zones are still noted as they were when the change was found. */
  protected async isStillNoted({ dimensions, noted }: DimensionsChange): Promise<boolean> {
    const zones = await this.readZones();
    return isSameZone(zones.get(dimensions[0]!), noted);
  }

  /** Notes the boundaries of a change as pruned until there, and the new zone as not complete. */
  protected async noteRecut({ dimensions, boundaries }: DimensionsChange): Promise<void> {
    for (const { period, until } of boundaries) await notePruned(this.values, period, until);
    await this.noteZone(dimensions, { zone: this.calendar.timeZone, isComplete: false });
  }
}
