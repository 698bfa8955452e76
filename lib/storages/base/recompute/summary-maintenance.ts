import type { BucketSpan, Summarizer } from '../../../summary/index.js';
import type { SummaryDifference } from '../../contract/maintenance.js';
import type { OnTimeZoneChange } from '../../contract/usage-storage.js';
import { readPruned, type NamedValues } from '../named-values.js';
import {
  isCountInOtherZone,
  rebuildInZone,
  settleTimeZone,
  type ZonedSums,
} from '../time-zones/settle-time-zone.js';
import { bucketRanges, rangesWithin, type BucketRanges } from './bucket-ranges.js';
import { monthsWith } from './months.js';

/** A month that has records or sums, and its requested buckets of each period. */
export interface RecomputedMonth {
  readonly month: BucketSpan;
  readonly ranges: BucketRanges;
}

/**
 * Rebuilds and verifies the sums of a storage, month by month: a month is the shortest span that no
 * bucket crosses.
 */
export abstract class BaseSummaryMaintenance {
  /**
   * The sums as a change of time zone needs them. Their `rebuild` is `rebuildRange(null, null)`.
   */
  protected abstract readonly zones: ZonedSums;

  constructor(
    protected readonly summarizer: Pick<
      Summarizer,
      'calendar' | 'dimensions' | 'withdrawRecordCount'
    >,
    protected readonly values: NamedValues,
  ) {}

  /** Rebuilds the sums of the buckets that overlap the range, in the configured zone. */
  abstract rebuildRange(start: Date | null, end: Date | null): Promise<void>;

  protected abstract verifyMonth(month: RecomputedMonth): Promise<SummaryDifference[]>;

  /** Returns the first date of all records and sums at or after `from`; null if there is none. */
  protected abstract firstDate(from: number | null): Promise<number | null>;

  /**
   * Makes sure that the configured time zone cuts the buckets of the sums. Stops counting all
   * records if others count them in another zone.
   *
   * @param prepares Whether notes and sums may be changed.
   */
  async settleZone(onChange: OnTimeZoneChange | undefined, prepares = true): Promise<void> {
    if (this.summarizer.dimensions.length === 0) return;
    if (await isCountInOtherZone(this.zones)) this.summarizer.withdrawRecordCount();
    await settleTimeZone(this.zones, onChange, prepares);
  }

  /**
   * Rebuilds the sums of the buckets that overlap the range. Without bounds, it also converts sums
   * of another time zone to the configured one.
   */
  async rebuild(start: Date | null, end: Date | null): Promise<void> {
    if (start || end || this.summarizer.dimensions.length === 0)
      await this.rebuildRange(start, end);
    else await rebuildInZone(this.zones);
  }

  /** Compares the sums of the buckets that overlap the range with the records. */
  async verify(start: Date | null, end: Date | null): Promise<SummaryDifference[]> {
    const found: SummaryDifference[] = [];
    for await (const month of this.months(start, end))
      for (const difference of await this.verifyMonth(month)) found.push(difference);
    return found;
  }

  /** Yields the requested months that have records or sums, oldest first. */
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
