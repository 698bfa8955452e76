import type { UsageRecord } from '../../../record/index.js';
import {
  KeyReader,
  NO_KEY,
  recordCounts,
  SUMMARY_PERIODS,
  type KeptSummary,
  type KeyErrorHandler,
  type Summarizer,
} from '../../../summary/index.js';
import { RECORD_COLUMNS } from '../../sql/layout/record-columns.js';
import { recordOfRow, rowOfRecord } from '../../sql/records/record-mapper.js';
import type { Row } from '../connection/clickhouse-database.js';

/** The names of the record's own columns, in the order of its values. */
export const RECORD_NAMES: readonly string[] = RECORD_COLUMNS.map(({ name }) => name);
/** The names of the columns that hold what a record adds to sums, beside its keys. */
export const SUM_NAMES = ['sum_hour', 'sum_day', 'sum_month', 'sum_hits', 'sum_slot'] as const;

/** Places of the columns of numbers among the record's own. */
const NUMBERS = RECORD_COLUMNS.flatMap(({ kind }, at) =>
  kind === 'instant' || kind === 'integer' || kind === 'bigint' || kind === 'real' ? [at] : [],
);

/**
 * The values of a record's own columns.
 *
 * @throws {TypeError} if a number is none. It travels as null, of which ClickHouse makes 0.
 */
export function valuesOfRecord(record: UsageRecord): unknown[] {
  const row: unknown[] = rowOfRecord(record);
  for (const at of NUMBERS) {
    const value = row[at] as number | null;
    if (value !== null && !Number.isFinite(value))
      throw new TypeError(
        `ClickHouseStorage: ${RECORD_COLUMNS[at]!.property} of record ${record.id}: expected a ` +
          `number, but got ${value}.`,
      );
  }
  return row;
}

/** The record of a row that begins with the record's own columns. */
export function recordOfValues(row: Row): UsageRecord {
  const values: Record<string, unknown> = {};
  for (let at = 0; at < RECORD_COLUMNS.length; at++) values[RECORD_COLUMNS[at]!.property] = row[at];
  return recordOfRow(values);
}

/** What a record adds to sums: its buckets and counts, and its key in each kept dimension. */
export interface RecordSums {
  /** In the order of `SUM_NAMES`. */
  readonly counts: readonly number[];
  /** In the order of the kept dimensions. */
  readonly keys: readonly string[];
}

/** Computes what records add to the sums of some summaries, when they are stored. */
export class RecordSummarizer {
  private readonly all: readonly KeyReader[];

  constructor(
    private readonly summarizer: Pick<Summarizer, 'calendar' | 'dimensions'>,
    summaries: readonly KeptSummary[],
    onKeyError: KeyErrorHandler,
  ) {
    this.all = summaries.map((summary) => new KeyReader(summary, onKeyError));
  }

  /** The kept dimensions, in the order of the keys. */
  get dimensions(): string[] {
    return this.readers.map(({ dimension }) => dimension);
  }

  sumsOf(record: UsageRecord): RecordSums {
    const { hits, slot } = recordCounts(record);
    const instant = record.date.getTime();
    const { calendar } = this.summarizer;
    const [hour, day, month] = SUMMARY_PERIODS.map((period) => calendar.start(period, instant));
    return {
      counts: [hour!, day!, month!, hits, slot],
      keys: this.readers.map((reader) => reader.text(reader.read(record), record) ?? NO_KEY),
    };
  }

  private get readers(): readonly KeyReader[] {
    const { dimensions } = this.summarizer;
    return this.all.length === dimensions.length
      ? this.all
      : this.all.filter(({ dimension }) => dimensions.includes(dimension));
  }
}
