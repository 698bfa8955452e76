import type { UsageRecord } from '../record/index.js';
import { BucketCalendar } from './bucket-calendar.js';
import { KeyReader, type KeyErrorHandler } from './key-reader.js';
import { KeyTable, mergeKeys, type KeyCounts } from './key-table.js';
import { recordCounts, rowWith } from './measures.js';
import { foldPersonalKeys, type BucketsBefore } from './personal-keys.js';
import { RECORD_COUNT, type KeptSummary } from './record-count.js';
import { compareText, type SummaryIncrement } from './summary-increment.js';
import type { SummaryPeriod } from './usage-sum.js';

/** What a summarizer needs to know of its storage. */
export interface SummarizerOptions {
  /** The summaries to keep, each once, as `withRecordCount` returns them. */
  readonly summaries: readonly KeptSummary[];
  /** IANA name of the time zone of the buckets. */
  readonly timeZone: string;
  /** Called on the 1st, 10th, 100th … failure of each summary's key function. */
  readonly onKeyError?: KeyErrorHandler;
}

type Buckets = ReadonlyMap<number, readonly KeyCounts[]>;

/** Computes what batches of records add to a storage's summaries. Each storage has one. */
export class Summarizer {
  readonly calendar: BucketCalendar;
  /** The dimensions that are kept, in lock order. */
  readonly dimensions: readonly string[];
  /** Those of them that may be asked for: all but the count of all records. */
  readonly summaries: readonly string[];
  /** The kept dimensions with their key functions, without the count of all records. */
  readonly hooks: readonly KeptSummary[];
  /** The buckets whose keys of persons count under `(other)`. Null: none. */
  foldedBefore: BucketsBefore | null = null;
  private readers: readonly KeyReader[];

  /**
   * @throws {RangeError} if the time zone is unknown.
   */
  constructor({ summaries, timeZone, onKeyError }: SummarizerOptions) {
    this.calendar = new BucketCalendar(timeZone);
    this.readers = summaries
      .map((summary) => new KeyReader(summary, onKeyError))
      .sort((a, b) => compareText(a.dimension, b.dimension));
    this.dimensions = this.readers.map(({ dimension }) => dimension);
    this.hooks = summaries.filter(({ dimension }) => dimension !== RECORD_COUNT);
    this.summaries = this.dimensions.filter((dimension) => dimension !== RECORD_COUNT);
  }

  /** Whether all records are counted beside the summaries. */
  get countsRecords(): boolean {
    return this.dimensions.includes(RECORD_COUNT);
  }

  /** Stops counting all records. Call it before anything is summarized. */
  withdrawRecordCount(): void {
    this.readers = this.readers.filter(({ dimension }) => dimension !== RECORD_COUNT);
    // In place, because others hold the list.
    const dimensions = this.dimensions as string[];
    dimensions.splice(0, dimensions.length, ...this.summaries);
  }

  /**
   * The increments of a batch: each row once, in lock order. Increments of several periods may
   * share their latency counts.
   */
  summarize(records: Iterable<UsageRecord>): SummaryIncrement[] {
    const hours = this.countByHour(records);
    const all = this.readers.flatMap(({ dimension }, index) => {
      const hour = new Map([...hours].map(([start, tables]) => [start, tables[index]!.sorted()]));
      const day = this.rollUp(hour, 'day');
      const month = this.rollUp(day, 'month');
      return [
        ...increments(dimension, 'hour', hour),
        ...increments(dimension, 'day', day),
        ...increments(dimension, 'month', month),
      ];
    });
    return this.foldedBefore === null ? all : foldPersonalKeys(all, this.foldedBefore);
  }

  private countByHour(records: Iterable<UsageRecord>): [start: number, tables: KeyTable[]][] {
    const hours = new Map<number, KeyTable[]>();
    let hour = NaN;
    let tables: KeyTable[] = [];
    if (this.readers.length === 0) return [];
    for (const record of records) {
      const start = this.calendar.start('hour', record.date.getTime());
      if (start !== hour) {
        hour = start;
        tables = hours.get(start) ?? this.readers.map((reader) => new KeyTable(reader));
        hours.set(start, tables);
      }
      const counts = recordCounts(record);
      for (const table of tables) table.add(record, counts);
    }
    return [...hours].sort(([a], [b]) => a - b);
  }

  // A day is the sum of its hours and a month of its days, so that each record is counted once.
  private rollUp(buckets: Buckets, period: SummaryPeriod): Buckets {
    const lists = new Map<number, (readonly KeyCounts[])[]>();
    for (const [start, keys] of buckets) {
      const bucket = this.calendar.start(period, start);
      const list = lists.get(bucket);
      if (list) list.push(keys);
      else lists.set(bucket, [keys]);
    }
    return new Map([...lists].map(([bucket, list]) => [bucket, mergeKeys(list)]));
  }
}

function increments(
  dimension: string,
  period: SummaryPeriod,
  buckets: Buckets,
): SummaryIncrement[] {
  return [...buckets].flatMap(([bucket, keys]) =>
    keys.map(({ key, counts, unhandled }) =>
      rowWith(dimension, period, bucket, key, counts, unhandled),
    ),
  );
}
