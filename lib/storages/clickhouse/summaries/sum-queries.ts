import {
  isPersonal,
  OTHER_KEY,
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
const OF_RECORD = [
  'sum_hits',
  'greatest(content_length, 0) * sum_hits',
  'if(status >= 500, sum_hits, 0)',
  'greatest(speed_us, 0) * sum_hits',
  'if(status >= 400 AND status < 500, sum_hits, 0)',
  "if(outcome = 'aborted', sum_hits, 0)",
];

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

  /** A query of rows: bucket, key, counts and, with latency, the slots and how many are in each. */
  rows(rows: SumRows, state: ReadState): string {
    const parts = this.parts(rows, state);
    const latency = rows.withLatency
      ? `, (mapKeys(sumMap(${mapOf('(slots, counts)')}) AS l), mapValues(l))`
      : '';
    const bucket = rows.mergesBuckets ? 'min(bucket)' : 'bucket';
    return (
      `SELECT ${bucket}, key, ${merged(rows)}${latency} ` +
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
    return this.ofRecords({ dimension, period, ranges: [ALL], withLatency: true }, state, [
      `date < ${before} AND inserted_us <= ${by}`,
    ]);
  }

  /** A query of what records count for in hours that rows do not count yet, as rows to store. */
  ofHours(
    dimension: string,
    { until, by }: Pick<CountedHours, 'until' | 'by'>,
    state: ReadState,
  ): string | null {
    const column = this.columns.of(dimension);
    if (column === undefined) return null;
    const counts = OF_RECORD.map((term, at) => `sum(${term}) AS ${COUNTS[at]}`);
    const terms = [
      `${column} IS NOT NULL`,
      `sum_hour < ${until} AND date < ${endOf(until!)} AND inserted_us <= ${by}`,
      `sum_hour >= ${firstHour(null, state)}`,
      ...notCounted('hour', [ALL], { ...state, gone: { ...state.gone, hour: [] } }),
      ...byThemselves(null, state),
    ];
    return (
      `SELECT sum_hour, sum_day, sum_month, assumeNotNull(${column}) AS k, ${counts.join(', ')}, ` +
      `min(date), max(date), ${LATENCY_OF_RECORDS} AS l, mapKeys(l), mapValues(l) ` +
      `FROM ${this.tables.path('records')} FINAL WHERE ${terms.join(' AND ')} ` +
      'GROUP BY sum_hour, sum_day, sum_month, k'
    );
  }

  /** A query of what rows of hours count in some days, as rows to store. */
  ofDays(dimension: string, days: readonly BucketSpan[], { hours }: ReadState): string {
    const wanted = { measures: undefined };
    return (
      `SELECT sum_day, sum_month, key, ${merged(wanted)}, ` +
      `sumMap(${mapOf('(slots, counts)')}) AS l, mapKeys(l), mapValues(l) ` +
      `FROM ${this.tables.path('hours')} WHERE dimension = ${literal(dimension)} ` +
      `AND ${inSpans('sum_hour', days)} AND ${ofMoves(hours.moves)} ` +
      'GROUP BY sum_day, sum_month, key'
    );
  }

  private parts(rows: SumRows, state: ReadState): string[] {
    const isFolded = rows.keys?.every((key) => key === OTHER_KEY) ?? false;
    if (isFolded && foldsNothing(rows, state)) return [this.stored(rows, state)];
    const live = this.ofRecords(rows, state, byThemselves(rows.period, state));
    return [
      this.stored(rows, state),
      ...(state.hours.until === null ? [] : this.ofPastRows(rows, state)),
      ...(live === null ? [] : [live]),
    ];
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
      `dimension = ${literal(dimension)}`,
      inSpans('sum_day', days),
      // The days of hours are those that lie in the ranges.
      ...(period === 'hour' ? [] : [within(bucket, ranges)]),
      ofMoves(state.days.moves),
      ...ofKeys(folded, keys),
    ];
    return (
      `SELECT ${bucket} AS bucket, ${folded} AS key, ${columnsOf(rows).join(', ')} ` +
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
        `dimension = ${literal(dimension)}`,
        ...ofCountedHours(period, some, state),
        ...days.map((span) => `NOT ${inSpan('sum_hour', span)}`),
        ...ofKeys(folded, keys),
      ];
      return (
        `SELECT ${bucket} AS bucket, ${folded} AS key, ${columnsOf(rows).join(', ')} ` +
        `FROM ${this.tables.path('hours')} AS h WHERE ${terms.join(' AND ')}`
      );
    });
  }

  private stored(rows: SumRows, { moves }: ReadState): string {
    const { dimension, period, ranges, keys } = rows;
    const terms = [
      `dimension = ${literal(dimension)}`,
      `period = ${literal(period)}`,
      within('bucket', ranges),
      ofMoves(moves),
      ...ofKeys('key', keys),
    ];
    return (
      `SELECT bucket, key, ${columnsOf(rows).join(', ')} FROM ${this.tables.path('sums')} ` +
      `WHERE ${terms.join(' AND ')}`
    );
  }

  /** What records add; null if none has a key of the dimension. */
  private ofRecords(rows: SumRows, state: ReadState, also: readonly string[]): string | null {
    const { dimension, period, ranges, keys, withLatency } = rows;
    const column = this.columns.of(dimension);
    if (column === undefined) return null;
    const bucket = `sum_${period}`;
    const folded = foldedKey(dimension, period, `assumeNotNull(${column})`, state);
    const terms = [
      `${column} IS NOT NULL`,
      within(bucket, ranges),
      ...datesOf('date', period, ranges),
      ...notCounted(period, ranges, state),
      ...also,
      ...ofKeys(folded, keys),
    ];
    const counts = OF_RECORD.map((term, at) => `sum(${term}) AS ${COUNTS[at]}`);
    const latency = withLatency
      ? `, ${LATENCY_OF_RECORDS} AS l, mapKeys(l) AS slots, mapValues(l) AS counts`
      : '';
    return (
      `SELECT bucket, key, ${columnsOf(rows).join(', ')} FROM (` +
      `SELECT ${bucket} AS bucket, ${folded} AS key, ${counts.join(', ')}, ` +
      `min(date) AS first_seen, max(date) AS last_seen${latency} ` +
      `FROM ${this.tables.path('records')} FINAL WHERE ${terms.join(' AND ')} ` +
      'GROUP BY bucket, key)'
    );
  }
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

/** The columns that rows are merged from. */
function columnsOf({ measures, withLatency }: SumRows): string[] {
  const left: readonly string[] = unwantedMeasures(measures);
  const counts = COUNTS.filter((name) => !left.includes(name));
  return [...counts, ...(withLatency ? ['slots', 'counts'] : [])];
}

/** The merged counts, all of them: those that are not wanted are 0. */
function merged({ measures }: Pick<SumRows, 'measures'>): string {
  const left: readonly string[] = unwantedMeasures(measures);
  const how = (name: string) =>
    name === 'first_seen' ? 'min' : name === 'last_seen' ? 'max' : 'sum';
  return COUNTS.map((name) => (left.includes(name) ? '0' : `${how(name)}(${name})`)).join(', ');
}
