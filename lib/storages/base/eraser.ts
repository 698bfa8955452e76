import {
  isCombined,
  SUMMARY_PERIODS,
  type Summarizer,
  type SummaryRow,
} from '../../summary/index.js';
import { ErasedRows } from './erased-rows.js';
import { readPruned, type NamedValues } from './named-values.js';
import type { ParsedFilter } from './parse-usage-query.js';
import type { ParsedSubject } from './parse-subject.js';
import { equals } from './query/condition.js';
import { MonthSet } from './recompute/months.js';
import type { BaseStorageParts } from './storage-parts.js';

/** The filter that matches a subject's records, and no others. */
export function recordsOf({ field, value }: ParsedSubject): ParsedFilter {
  return { start: null, end: null, where: [equals(field, value)] };
}

/**
 * The keys of a dimension that name a subject: its own, and those of `sumBy` that have it as a part,
 * which only a look at all keys can find.
 */
export async function keysNaming(
  sums: Pick<BaseStorageParts['sums'], 'scan'>,
  dimension: string,
  erased: ErasedRows,
): Promise<Set<string>> {
  const keys = new Set([erased.key]);
  if (!isCombined(dimension)) return keys;
  const ranges = [{ first: null, last: null }];
  for (const period of SUMMARY_PERIODS)
    for await (const rows of sums.scan({ dimension, period, ranges, withLatency: false }))
      for (const { key } of rows) if (erased.isNamedBy(key)) keys.add(key);
  return keys;
}

/**
 * Erases a subject from records and from sums that are kept as rows: deletes its records, recomputes
 * the months that they or rows with its key are in, and folds the rows that cannot be recomputed.
 */
export abstract class BaseEraser<Row extends Omit<SummaryRow, 'key'>> {
  constructor(
    protected readonly summarizer: Pick<Summarizer, 'calendar' | 'dimensions'>,
    protected readonly values: NamedValues,
    protected readonly records: Pick<BaseStorageParts['reader'], 'stream'>,
    private readonly scanner: Pick<BaseStorageParts['sums'], 'scan'>,
  ) {}

  /** @returns The number of the subject's deleted records. */
  async forget(subject: ParsedSubject): Promise<number> {
    const erased = new ErasedRows(subject, this.summarizer, await readPruned(this.values));
    const months = new MonthSet(this.summarizer.calendar);
    const folded: [key: string, rows: Row[]][] = [];
    for (const dimension of await this.dimensions())
      if (erased.isNamedIn(dimension))
        for (const key of await keysNaming(this.scanner, dimension, erased)) {
          const rows: Row[] = [];
          for await (const row of this.rowsOf(dimension, key))
            if (erased.isFolded(dimension, row.period, row.bucket)) rows.push(row);
            else months.add(row.bucket);
          if (rows.length > 0) folded.push([key, rows]);
        }
    await this.addMonthsOf(subject, months);
    const count = await this.deleteRecords(subject, months);
    for (const [key, rows] of folded) await this.fold(rows, key);
    return count;
  }

  /** Reads the dimensions of all stored rows, those of summaries that are no longer kept included. */
  abstract dimensions(): Promise<readonly string[]>;

  /** Yields the rows with a key, at most one of each bucket. */
  protected abstract rowsOf(dimension: string, key: string): AsyncIterable<Row>;

  /** Deletes the subject's records, and recomputes the sums of the months. Returns the number. */
  protected abstract deleteRecords(subject: ParsedSubject, months: MonthSet): Promise<number>;

  /** Adds rows to the `(other)` row of their bucket, and deletes them. */
  protected abstract fold(rows: readonly Row[], key: string): Promise<void>;

  private async addMonthsOf(subject: ParsedSubject, months: MonthSet): Promise<void> {
    let hour = NaN;
    for await (const { date } of this.records.stream(recordsOf(subject))) {
      const start = this.summarizer.calendar.start('hour', date.getTime());
      if (start !== hour) months.add((hour = start));
    }
  }
}
