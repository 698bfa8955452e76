import { isDeepStrictEqual } from 'node:util';
import type { UsageRecord } from '../../../record/index.js';
import {
  isNamedKey,
  isPersonal,
  KeyReader,
  MEASURES,
  measureValues,
  NO_KEY,
  OTHER_KEY,
  recordCounts,
  SUMMARY_PERIODS,
  type BucketCalendar,
  type BucketRange,
  type KeptSummary,
  type KeyErrorHandler,
  type Summarizer,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { within } from '../../base/recompute/bucket-ranges.js';

/**
 * The values of the added measures, in order; these come first among all measures. Documents of
 * version 0.1.0 have the first four. The view adds up the values that are there.
 */
export type DocumentCounts = readonly number[];

const ADDED = MEASURES.filter(({ merge }) => merge === 'add').length;

/**
 * What a document adds to sums. It is computed when the document is written, so the views need
 * neither the hooks nor a table of time zones.
 */
export interface DocumentSums extends Partial<Record<SummaryPeriod, number>> {
  readonly counts: DocumentCounts;
  /** The record's slot of latency. */
  readonly slot: number;
  /** Keys in hexadecimal, by dimension. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Computes what records add to the sums of some summaries. */
export class DocumentSummarizer {
  readonly calendar: BucketCalendar;
  private readonly all: readonly KeyReader[];

  constructor(
    private readonly summarizer: Pick<Summarizer, 'calendar' | 'dimensions' | 'foldedBefore'>,
    summaries: readonly KeptSummary[],
    onKeyError: KeyErrorHandler,
  ) {
    this.calendar = summarizer.calendar;
    this.all = summaries.map((summary) => new KeyReader(summary, onKeyError));
  }

  private get readers(): readonly KeyReader[] {
    const { dimensions } = this.summarizer;
    return this.all.filter(({ dimension }) => dimensions.includes(dimension));
  }

  /** @returns What the record adds; null if no summaries are kept. */
  sumsOf(record: UsageRecord): DocumentSums | null {
    const { readers } = this;
    if (readers.length === 0) return null;
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
        readers.map((reader) => [reader.dimension, hexOfKey(this.keyOf(reader, record, month!))]),
      ),
    };
  }

  // A document has one key for all periods, so that only whole months are folded.
  private keyOf(reader: KeyReader, record: UsageRecord, month: number): string {
    const key = reader.text(reader.read(record), record) ?? NO_KEY;
    const before = this.summarizer.foldedBefore?.month ?? -Infinity;
    const isFolded = month < before && isNamedKey(key) && isPersonal(reader.dimension);
    return isFolded ? OTHER_KEY : key;
  }

  /**
   * Returns the correct sums of a document; undefined if they are correct. Keys of summaries that
   * are not kept here stay, because other processes may keep them.
   */
  corrected(
    record: UsageRecord,
    stored: DocumentSums | undefined,
    ranges: Record<SummaryPeriod, BucketRange>,
  ): DocumentSums | undefined {
    const sums = this.sumsOf(record);
    if (!sums) return undefined;
    const expected = { ...sums, keys: { ...stored?.keys, ...sums.keys } };
    // A pruned bucket is not restored.
    for (const period of SUMMARY_PERIODS)
      if (stored?.[period] === undefined && !within(sums[period]!, ranges[period]))
        delete expected[period];
    return isDeepStrictEqual(expected, stored) ? undefined : expected;
  }
}

/** A key as the views hold it. Hexadecimal UTF-8 sorts by code point. */
export function hexOfKey(key: string): string {
  return Buffer.from(key).toString('hex');
}

export function keyOfHex(hex: string): string {
  return Buffer.from(hex, 'hex').toString();
}
