import { isDeepStrictEqual } from 'node:util';
import type { UsageRecord } from '../../../record/index.js';
import {
  KeyReader,
  MEASURES,
  measureValues,
  NO_KEY,
  recordCounts,
  SUMMARY_PERIODS,
  type BucketCalendar,
  type BucketRange,
  type KeyErrorHandler,
  type SummaryHook,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { within } from '../../base/recompute/bucket-ranges.js';

/**
 * The measures that add up, in their order, which are the first of all. Documents of version 0.1.0
 * have the first four; the view adds up what there is.
 */
export type DocumentCounts = readonly number[];

const ADDED = MEASURES.filter(({ merge }) => merge === 'add').length;

/**
 * What a document adds to sums, worked out when it is written, so that the views need neither the
 * hooks nor a table of time zones.
 */
export interface DocumentSums extends Partial<Record<SummaryPeriod, number>> {
  readonly counts: DocumentCounts;
  /** Slot of latency. */
  readonly slot: number;
  /** Keys in hexadecimal, by dimension. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Works out what records add to the sums of some summaries. */
export class DocumentSummarizer {
  readonly dimensions: readonly string[];
  private readonly readers: readonly KeyReader[];

  constructor(
    readonly calendar: BucketCalendar,
    summaries: readonly SummaryHook[],
    onKeyError: KeyErrorHandler,
  ) {
    this.readers = summaries.map((summary) => new KeyReader(summary, onKeyError));
    this.dimensions = this.readers.map(({ dimension }) => dimension);
  }

  /** @returns Null where nothing is kept. */
  sumsOf(record: UsageRecord): DocumentSums | null {
    if (this.readers.length === 0) return null;
    const counts = recordCounts(record);
    const instant = record.date.getTime();
    const [hour, day, month] = SUMMARY_PERIODS.map((period) =>
      this.calendar.start(period, instant),
    );
    return {
      hour: hour!,
      day: day!,
      month: month!,
      counts: measureValues(counts).slice(0, ADDED),
      slot: counts.slot,
      keys: Object.fromEntries(
        this.readers.map((reader) => [
          reader.dimension,
          hexOfKey(reader.text(reader.read(record), record) ?? NO_KEY),
        ]),
      ),
    };
  }

  /**
   * What a document's sums should be; undefined if they are. What it says of summaries that are
   * not kept here stays: others may keep them.
   */
  corrected(
    record: UsageRecord,
    stored: DocumentSums | undefined,
    ranges: Record<SummaryPeriod, BucketRange>,
  ): DocumentSums | undefined {
    const sums = this.sumsOf(record);
    if (!sums) return undefined;
    const expected = { ...sums, keys: { ...stored?.keys, ...sums.keys } };
    // A bucket that was pruned stays away.
    for (const period of SUMMARY_PERIODS)
      if (stored?.[period] === undefined && !within(sums[period]!, ranges[period]))
        delete expected[period];
    return isDeepStrictEqual(expected, stored) ? undefined : expected;
  }
}

/** A key as the views sort it: by code point, as UTF-8 does. */
export function hexOfKey(key: string): string {
  return Buffer.from(key).toString('hex');
}

export function keyOfHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString();
}
