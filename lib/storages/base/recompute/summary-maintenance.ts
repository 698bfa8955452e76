import type { BucketSpan, Summarizer } from '../../../summary/index.js';
import type { SummaryDifference } from '../../contract/summary-difference.js';
import type { OnTimeZoneChange } from '../../contract/usage-storage.js';
import { readPruned, type NamedValues } from '../named-values.js';
import { rebuildInZone, settleTimeZone, type ZonedSums } from '../time-zones/settle-time-zone.js';
import { bucketRanges, rangesWithin, type BucketRanges } from './bucket-ranges.js';
import { monthsWith } from './months.js';

/** A month that has records or sums, and the buckets of each period in it that are asked for. */
export interface RecomputedMonth {
  readonly month: BucketSpan;
  readonly ranges: BucketRanges;
}

/**
 * Rebuilds and verifies the sums of a storage. It takes one month after the other: a month is the
 * shortest time that no bucket reaches beyond.
 */
export abstract class BaseSummaryMaintenance {
  /** The sums as a change of time zone sees them; their `rebuild` is `rebuildRange(null, null)`. */
  protected abstract readonly zones: ZonedSums;

  constructor(
    protected readonly summarizer: Pick<Summarizer, 'calendar' | 'dimensions'>,
    protected readonly values: NamedValues,
  ) {}

  /** Rebuilds the sums of the buckets that overlap a stretch of time, in the zone they are cut in. */
  abstract rebuildRange(start: Date | null, end: Date | null): Promise<void>;

  protected abstract verifyMonth(month: RecomputedMonth): Promise<SummaryDifference[]>;

  /** The first date, from an instant on, of all records and sums; null if none is. */
  protected abstract firstDate(from: number | null): Promise<number | null>;

  /** Makes sure that the sums are cut in the zone that is configured. */
  async settleZone(onChange: OnTimeZoneChange | undefined): Promise<void> {
    if (this.summarizer.dimensions.length > 0) await settleTimeZone(this.zones, onChange);
  }

  /** The same; without bounds, sums that are cut in another zone are cut in this one. */
  async rebuild(start: Date | null, end: Date | null): Promise<void> {
    if (start || end || this.summarizer.dimensions.length === 0)
      await this.rebuildRange(start, end);
    else await rebuildInZone(this.zones);
  }

  /** Compares the sums of the buckets that overlap a stretch of time with the records. */
  async verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]> {
    const found: SummaryDifference[] = [];
    for await (const month of this.months(start, end))
      for (const difference of await this.verifyMonth(month)) found.push(difference);
    return found;
  }

  /** The months that are asked for and have records or sums, the oldest first. */
  protected async *months(
    start: Date | null,
    end: Date | null,
  ): AsyncGenerator<RecomputedMonth, void, undefined> {
    const { calendar, dimensions } = this.summarizer;
    if (dimensions.length === 0) return;
    const ranges = bucketRanges(calendar, start, end, await readPruned(this.values));
    for await (const month of monthsWith(calendar, ranges, (from) => this.firstDate(from)))
      yield { month, ranges: rangesWithin(month, ranges) };
  }
}
