import {
  isPersonal,
  OTHER_KEY,
  RECORD_COUNT,
  type BucketCalendar,
  type BucketRange,
  type BucketSpan,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { unwantedMeasures } from '../../base/unwanted-measures.js';
import { literal } from '../format/clickhouse-text.js';
import type { KeyColumns } from '../format/key-columns.js';
import type { Tables } from '../format/tables.js';
import { daysToRead } from './counted-days.js';
import {
  byThemselves,
  datesOf,
  endOf,
  firstHour,
  foldedKey,
  hasStored,
  inSpan,
  inSpans,
  notCounted,
  ofCountedHours,
  ofMoves,
  within,
} from './sum-conditions.js';
import type { SumRows } from './sum-rows.js';
import type { Counted, CountedHours, ReadState } from './sum-state.js';

/** The columns of what is counted in a row, in the order of the measures, but for `measured`. */
export const COUNTS = [
  'hits',
  'transfer',
  'errors',
  'duration',
  'refused',
  'aborted',
  'first_seen',
  'last_seen',
] as const;

/** What a record counts for. */
const OF_RECORD: Readonly<Record<(typeof COUNTS)[number], string>> = {
  hits: 'sum_hits',
  transfer: 'greatest(content_length, 0) * sum_hits',
  errors: 'if(status >= 500, sum_hits, 0)',
  duration: 'greatest(speed_us, 0) * sum_hits',
  refused: 'if(status >= 400 AND status < 500, sum_hits, 0)',
  aborted: "if(outcome = 'aborted', sum_hits, 0)",
  first_seen: 'date',
  last_seen: 'date',
};

/** The latency of records: the slots, and how many requests are in each. */
const LATENCY_OF_RECORDS = `sumMap(${mapOf('([sum_slot], [sum_hits])')})`;

const ALL: BucketRange = { first: null, last: null };

/** Builds the statements that read sums: stored rows, and what records add to them. */
export class SumQueries {
  constructor(
    private readonly tables: Tables,
    private readonly columns: KeyColumns,
    private readonly calendar: BucketCalendar,
  ) {}

  /**
   * A query of rows: bucket, key, counts; with latency, the slots and how many are in each; with the
   * total, the hits of all records among those of the row. The row of key null has only these.
   */
  rows(rows: SumRows, state: ReadState): string {
    const parts = this.parts(rows, state);
    const latency = rows.withLatency
      ? `, (mapKeys(sumMap(${mapOf('(slots, counts)')}) AS l), mapValues(l))`
      : '';
    const total = rows.withTotal ? ', sum(total)' : '';
    const bucket = rows.mergesBuckets ? 'min(bucket)' : 'bucket';
    return (
      `SELECT ${bucket}, key, ${merged(rows)}${latency}${total} ` +
      `FROM (${parts.join(' UNION ALL ')}) GROUP BY ${rows.mergesBuckets ? '' : 'bucket, '}key`
    );
  }

  /** A query of what records from before a date count for, as rows to store. */
  ofGone(
    dimension: string,
    period: SummaryPeriod,
    [before, by]: Counted,
    state: ReadState,
  ): string | null {
    const wanted: SumRows = { dimension, period, ranges: [ALL], withLatency: true };
    const records = this.ofRecords(wanted, state, [`date < ${before} AND inserted_us <= ${by}`]);
    return (
      records &&
      `SELECT bucket, key, ${merged(wanted)}, ` +
        `mapKeys(sumMap(${mapOf('(slots, counts)')}) AS l), mapValues(l) ` +
        `FROM (${records}) GROUP BY bucket, key`
    );
  }

  /** A query of what records count for in hours that rows do not count yet, as rows to store. */
  ofHours(
    dimension: string,
    { until, by }: Pick<CountedHours, 'until' | 'by'>,
    state: ReadState,
  ): string | null {
    const column = this.columns.of(dimension);
    if (column === undefined) return null;
    const counts = COUNTS.map((name) => `${adding(name)}(${OF_RECORD[name]})`);
    const terms = [
      `${column} IS NOT NULL`,
      `sum_hour < ${until} AND date < ${endOf(until!)} AND inserted_us <= ${by}`,
      `sum_hour >= ${firstHour(null, state)}`,
      ...notCounted('hour', [ALL], { ...state, gone: { ...state.gone, hour: [] } }),
      ...byThemselves(null, state),
    ];
    return (
      `SELECT sum_hour, sum_day, sum_month, assumeNotNull(${column}) AS k, ${counts.join(', ')}, ` +
      `${LATENCY_OF_RECORDS} AS l, mapKeys(l), mapValues(l) ` +
      `FROM ${this.tables.path('records')} FINAL WHERE ${terms.join(' AND ')} ` +
      'GROUP BY sum_hour, sum_day, sum_month, k'
    );
  }

  /** A query of what rows of hours count in some days, as rows to store. */
  ofDays(dimension: string, days: readonly BucketSpan[], { hours }: ReadState): string {
    return (
      `SELECT sum_day, sum_month, key, ${merged({ measures: undefined })}, ` +
      `sumMap(${mapOf('(slots, counts)')}) AS l, mapKeys(l), mapValues(l) ` +
      `FROM ${this.tables.path('hours')} WHERE dimension = ${literal(dimension)} ` +
      `AND ${inSpans('sum_hour', days)} AND ${ofMoves(hours.moves)} ` +
      'GROUP BY sum_day, sum_month, key'
    );
  }

  private parts(rows: SumRows, state: ReadState): string[] {
    const stored = this.stored(rows, state);
    const isFolded = rows.keys?.every((key) => key === OTHER_KEY) ?? false;
    if (isFolded && foldsNothing(rows, state)) return [stored];
    const live = this.ofRecords(rows, state, byThemselves(rows.period, state));
    const others = [
      ...(state.hours.until === null ? [] : this.ofPastRows(rows, state)),
      ...(live === null ? [] : [live]),
    ];
    // The server takes longer to understand a part than to find that it has no rows.
    return hasStored(state) || others.length === 0 ? [stored, ...others] : others;
  }

  /** Rows of whole days, and those of the hours that are in none. */
  private ofPastRows(rows: SumRows, state: ReadState): string[] {
    const days = daysToRead(rows, state, this.calendar);
    return days.length === 0
      ? this.ofHourRows(rows, state, [])
      : [this.ofDayRows(rows, state, days), ...this.ofHourRows(rows, state, days)];
  }

  private ofDayRows(rows: SumRows, state: ReadState, days: readonly BucketSpan[]): string {
    const { dimension, period, ranges, keys } = rows;
    const bucket = period === 'month' ? 'sum_month' : 'sum_day';
    const folded = foldedKey(dimension, period, 'd.key', state, bucket);
    const terms = [
      ofDimension(rows),
      inSpans('sum_day', days),
      // The days of hours are those that lie in the ranges.
      ...(period === 'hour' ? [] : [within(bucket, ranges), ...datesOf('sum_day', period, ranges)]),
      ofMoves(state.days.moves),
      ...ofKeys(folded, keys),
    ];
    return (
      `SELECT ${bucket} AS bucket, ${columnsOf(rows, folded).join(', ')} ` +
      `FROM ${this.tables.path('days')} AS d WHERE ${terms.join(' AND ')}`
    );
  }

  private ofHourRows(rows: SumRows, state: ReadState, days: readonly BucketSpan[]): string[] {
    const { dimension, period, ranges, keys } = rows;
    const bucket = `sum_${period}`;
    const folded = foldedKey(dimension, period, 'h.key', state);
    const isLong = rows.mergesBuckets && rows.withLatency && days.length === 0;
    const parts = isLong ? halves(ranges, state.hours.until!) : [ranges];
    return parts.map((some) => {
      const terms = [
        ofDimension(rows),
        ...ofCountedHours(period, some, state),
        ...days.map((span) => `NOT ${inSpan('sum_hour', span)}`),
        ...ofKeys(folded, keys),
      ];
      return (
        `SELECT ${bucket} AS bucket, ${columnsOf(rows, folded).join(', ')} ` +
        `FROM ${this.tables.path('hours')} AS h WHERE ${terms.join(' AND ')}`
      );
    });
  }

  private stored(rows: SumRows, { moves }: ReadState): string {
    const { period, ranges, keys } = rows;
    const terms = [
      ofDimension(rows),
      `period = ${literal(period)}`,
      within('bucket', ranges),
      ofMoves(moves),
      ...ofKeys('s.key', keys),
    ];
    return (
      `SELECT bucket, ${columnsOf(rows, 's.key').join(', ')} FROM ${this.tables.path('sums')} AS s ` +
      `WHERE ${terms.join(' AND ')}`
    );
  }

  /** What each record adds; null if none has a key of the dimension. */
  private ofRecords(rows: SumRows, state: ReadState, also: readonly string[]): string | null {
    const { dimension, period, ranges, keys, withLatency, withTotal } = rows;
    const column = this.columns.of(dimension) ?? (withTotal ? 'NULL' : undefined);
    if (column === undefined) return null;
    const bucket = `sum_${period}`;
    const known = withTotal ? column : `assumeNotNull(${column})`;
    const folded = foldedKey(dimension, period, known, state);
    const terms = [
      ...(withTotal ? [] : [`${column} IS NOT NULL`]),
      within(bucket, ranges),
      ...datesOf('date', period, ranges),
      ...notCounted(period, ranges, state),
      ...also,
      ...ofKeys(folded, keys),
    ];
    const all = this.columns.of(RECORD_COUNT);
    const columns = [
      `${bucket} AS bucket`,
      `${withTotal ? `CAST(${folded}, 'Nullable(String)')` : folded} AS key`,
      ...countsOf(rows).map((name) => `${OF_RECORD[name]} AS ${name}`),
      ...(withLatency ? ['[sum_slot] AS slots', '[sum_hits] AS counts'] : []),
      ...(withTotal ? [`${all ? `if(${all} IS NULL, 0, sum_hits)` : '0'} AS total`] : []),
    ];
    return (
      `SELECT ${columns.join(', ')} FROM ${this.tables.path('records')} FINAL ` +
      `WHERE ${terms.join(' AND ')}`
    );
  }
}

/** The condition of the rows of a dimension, and of those that tell the total. */
function ofDimension({ dimension, withTotal }: SumRows): string {
  const names = withTotal ? [dimension, RECORD_COUNT] : [dimension];
  return names.length === 1
    ? `dimension = ${literal(dimension)}`
    : `dimension IN (${names.map(literal).join(', ')})`;
}

/** The conditions for a key to be one of some. */
function ofKeys(term: string, keys: SumRows['keys']): string[] {
  return keys == null ? [] : [`${term} IN (${keys.map(literal).join(', ')})`];
}

/** Whether no record counts under `(other)`. When records are stored, long keys of pairs do. */
function foldsNothing({ dimension }: SumRows, { foldedBefore }: ReadState): boolean {
  return !dimension.includes(':') && (foldedBefore === null || !isPersonal(dimension));
}

/**
 * Makes a map of slots and counts. The server adds up maps in a hash table, and pairs of arrays in a
 * tree, which takes four times the CPU.
 */
function mapOf(latency: string): string {
  return `CAST(${latency}, 'Map(UInt16, Int64)')`;
}

/**
 * Halves of ranges of buckets. The server reads less than 163,840 rows in one thread, and each part of
 * a union in its own: the hours of a month have about as many, with dozens of slots each.
 *
 * @param until No row is of this hour or later.
 */
function halves(ranges: readonly BucketRange[], until: number): (readonly BucketRange[])[] {
  const [range] = ranges;
  if (ranges.length > 1) {
    const middle = ranges.length >> 1;
    return [ranges.slice(0, middle), ranges.slice(middle)];
  }
  if (range?.first == null || range.last === null) return [ranges];
  const middle = Math.floor((range.first + Math.min(range.last, until)) / 2);
  if (middle < range.first || middle >= range.last) return [ranges];
  return [[{ first: range.first, last: middle }], [{ first: middle + 1, last: range.last }]];
}

/** The columns that rows are merged from, besides the bucket. */
function columnsOf(rows: SumRows, key: string): string[] {
  const { withLatency, withTotal } = rows;
  const isTotal = `dimension = ${literal(RECORD_COUNT)}`;
  return [
    `${withTotal ? `if(${isTotal}, NULL, ${key})` : key} AS key`,
    ...countsOf(rows),
    ...(withLatency ? ['slots', 'counts'] : []),
    ...(withTotal ? [`if(${isTotal}, hits, 0) AS total`] : []),
  ];
}

/** The counts that rows are merged from. */
function countsOf({ measures }: Pick<SumRows, 'measures'>) {
  const left: readonly string[] = unwantedMeasures(measures);
  return COUNTS.filter((name) => !left.includes(name));
}

/** The merged counts, all of them: those that are not wanted are 0. */
function merged({ measures }: Pick<SumRows, 'measures'>): string {
  const wanted = countsOf({ measures });
  return COUNTS.map((name) => (wanted.includes(name) ? `${adding(name)}(${name})` : '0')).join(
    ', ',
  );
}

/** The function that adds counts up. */
function adding(name: (typeof COUNTS)[number]): string {
  return name === 'first_seen' ? 'min' : name === 'last_seen' ? 'max' : 'sum';
}
