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
  type KeptSummary,
  type KeyErrorHandler,
  type Summarizer,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { within } from '../../base/recompute/bucket-ranges.js';
import {
  hexOfKey,
  withFoldedPersons,
  withKeysOfOthers,
  withoutHiddenKeys,
  type DocumentSums,
} from './document-sums.js';

const ADDED = MEASURES.filter(({ merge }) => merge === 'add').length;

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
    const buckets = { hour: hour!, day: day!, month: month! };
    const keys = Object.fromEntries(
      readers.map((reader) => [
        reader.dimension,
        hexOfKey(reader.text(reader.read(record), record) ?? NO_KEY),
      ]),
    );
    const sums: DocumentSums = {
      ...buckets,
      counts: measureValues(counts).slice(0, ADDED),
      slot: counts.slot,
      keys,
    };
    const periods = this.foldedPeriods(buckets);
    return periods.length > 0 ? withFoldedPersons(sums, periods) : sums;
  }

  /** The periods in which a record's keys of persons count under `(other)`. */
  private foldedPeriods(buckets: Readonly<Record<SummaryPeriod, number>>): SummaryPeriod[] {
    const { foldedBefore } = this.summarizer;
    if (foldedBefore === null) return [];
    return SUMMARY_PERIODS.filter((period) => buckets[period] < foldedBefore[period]);
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
    const expected = withKeysOfOthers(sums, stored, this.summarizer.dimensions);
    // A pruned bucket is not restored.
    for (const period of SUMMARY_PERIODS)
      if (stored?.[period] === undefined && !within(sums[period]!, ranges[period]))
        delete expected[period];
    const corrected = expected.keysIn ? withoutHiddenKeys(expected) : expected;
    return isDeepStrictEqual(corrected, stored) ? undefined : corrected;
  }
}
