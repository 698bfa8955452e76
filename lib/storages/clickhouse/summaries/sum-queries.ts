import {
  isPersonal,
  LAST_INSTANT,
  NO_KEY,
  OTHER_KEY,
  type BucketRange,
  type BucketSpan,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { literal } from '../format/clickhouse-text.js';
import type { KeyColumns } from '../format/key-columns.js';
import type { Tables } from '../format/tables.js';

import { LONGEST_HOUR_MS, type Counted, type CountedHours, type ReadState } from './sum-state.js';

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

const HOUR_MS = 3_600_000;
/** No bucket of a period is longer, in any time zone. */
const LONGEST_MS: Readonly<Record<SummaryPeriod, number>> = {
  hour: 2 * HOUR_MS,
  day: 50 * HOUR_MS,
  month: 33 * 24 * HOUR_MS,
};

/** Longer than the part of time at either end that one bucket takes. */
const EDGE_MS = 100 * 24 * HOUR_MS;
const EARLY = -LAST_INSTANT + EDGE_MS;

const ALL: BucketRange = { first: null, last: null };

/** Some rows of sums. */
export interface SumRows {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  /** They do not overlap. */
  readonly ranges: readonly BucketRange[];
  /** The only key. Null or absent: all keys. */
  readonly key?: string | null;
  readonly withLatency: boolean;
  /** Whether rows of one key are added up, whatever their buckets. */
  readonly mergesBuckets?: boolean;
}

/** Builds the statements that read sums: stored rows, and what records add to them. */
export class SumQueries {
  constructor(
    private readonly tables: Tables,
    private readonly columns: KeyColumns,
  ) {}

  /** A query of rows: bucket, key, counts and, with latency, the slots and how many are in each. */
  rows(rows: SumRows, state: ReadState): string {
    const parts = this.parts(rows, state);
    const latency = rows.withLatency ? ', sumMap(slots, counts)' : '';
    const bucket = rows.mergesBuckets ? 'min(bucket)' : 'bucket';
    return (
      `SELECT ${bucket}, key, ${merged(COUNTS)}${latency} ` +
      `FROM (${parts.join(' UNION ALL ')}) GROUP BY ${rows.mergesBuckets ? '' : 'bucket, '}key`
    );
  }

  /** A query of the hits in each bucket. */
  totals(rows: Omit<SumRows, 'withLatency'>, state: ReadState): string {
    const parts = this.parts({ ...rows, withLatency: false }, state);
    return `SELECT bucket, sum(hits) FROM (${parts.join(' UNION ALL ')}) GROUP BY bucket`;
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
  ofHours(dimension: string, { until, by }: CountedHours, state: ReadState): string | null {
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
      'min(date), max(date), sumMap([sum_slot], [sum_hits]) AS l, l.1, l.2 ' +
      `FROM ${this.tables.path('records')} FINAL WHERE ${terms.join(' AND ')} ` +
      'GROUP BY sum_hour, sum_day, sum_month, k'
    );
  }

  private parts(rows: SumRows, state: ReadState): string[] {
    const live = this.ofRecords(rows, state, byThemselves(rows.period, state));
    return [
      this.stored(rows, state),
      ...(state.hours.until === null ? [] : [this.ofHourRows(rows, state)]),
      ...(live === null ? [] : [live]),
    ];
  }

  private ofHourRows(rows: SumRows, state: ReadState): string {
    const { dimension, period, ranges, key, withLatency } = rows;
    const { hours } = state;
    const bucket = `sum_${period}`;
    const folded = foldedKey(dimension, period, 'h.key', state);
    const terms = [
      `dimension = ${literal(dimension)}`,
      within(bucket, ranges),
      ...datesOf('sum_hour', period, ranges),
      `sum_hour >= ${firstHour(period, state)} AND sum_hour < ${hours.until}`,
      ...hours.except.map((span) => `NOT ${inSpan('sum_hour', span)}`),
      `move IN (${['', ...hours.moves].map(literal).join(', ')})`,
      ...(key == null ? [] : [`${folded} = ${literal(key)}`]),
    ];
    const names = [...COUNTS, ...(withLatency ? ['slots', 'counts'] : [])];
    return (
      `SELECT ${bucket} AS bucket, ${folded} AS key, ${names.join(', ')} ` +
      `FROM ${this.tables.path('hours')} AS h WHERE ${terms.join(' AND ')}`
    );
  }

  private stored(rows: SumRows, { moves }: ReadState): string {
    const { dimension, period, ranges, key, withLatency } = rows;
    const terms = [
      `dimension = ${literal(dimension)}`,
      `period = ${literal(period)}`,
      within('bucket', ranges),
      `move IN (${['', ...moves].map(literal).join(', ')})`,
      ...(key == null ? [] : [`key = ${literal(key)}`]),
    ];
    const latency = withLatency ? ', slots, counts' : '';
    return (
      `SELECT bucket, key, ${COUNTS.join(', ')}${latency} FROM ${this.tables.path('sums')} ` +
      `WHERE ${terms.join(' AND ')}`
    );
  }

  /** What records add; null if none has a key of the dimension. */
  private ofRecords(
    { dimension, period, ranges, key, withLatency }: SumRows,
    state: ReadState,
    also: readonly string[],
  ): string | null {
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
      ...(key == null ? [] : [`${folded} = ${literal(key)}`]),
    ];
    const counts = OF_RECORD.map((term, at) => `sum(${term}) AS ${COUNTS[at]}`);
    const latency = withLatency
      ? ', sumMap([sum_slot], [sum_hits]) AS l, l.1 AS slots, l.2 AS counts'
      : '';
    const names = ['bucket', 'key', ...COUNTS, ...(withLatency ? ['slots', 'counts'] : [])];
    return (
      `SELECT ${names.join(', ')} FROM (` +
      `SELECT ${bucket} AS bucket, ${folded} AS key, ${counts.join(', ')}, ` +
      `min(date) AS first_seen, max(date) AS last_seen${latency} ` +
      `FROM ${this.tables.path('records')} FINAL WHERE ${terms.join(' AND ')} ` +
      'GROUP BY bucket, key)'
    );
  }
}

/** The first hour whose records rows of hours may count for a period: none before is pruned. */
function firstHour(period: SummaryPeriod | null, { gone }: ReadState): number {
  const all = [...gone.records, ...(period === null ? [] : gone[period])];
  return Math.max(-LAST_INSTANT, ...all.map(([before]) => before));
}

/** The conditions of records that no rows of hours count. */
function byThemselves(period: SummaryPeriod | null, state: ReadState): string[] {
  const { until, by, except } = state.hours;
  if (until === null) return [];
  const first = firstHour(period, state);
  const uncounted = [
    `sum_hour >= ${until}`,
    `sum_hour < ${first}`,
    `inserted_us > ${by}`,
    ...except.map((span) => inSpan('sum_hour', span)),
  ];
  // By the order of the table, so that the server need not look at all records.
  const dates = [
    `date >= ${until}`,
    `date < ${endOf(first)}`,
    ...except.map(({ start, end }) => inSpan('date', { start, end: endOf(end) })),
    ...state.lateHours.map((span) => inSpan('date', span)),
  ];
  return [`(${uncounted.join(' OR ')})`, `(${dates.join(' OR ')})`];
}

function inSpan(column: string, { start, end }: BucketSpan): string {
  return `(${column} >= ${start} AND ${column} < ${end})`;
}

function merged(names: readonly string[]): string {
  const how = (name: string) =>
    name === 'first_seen' ? 'min' : name === 'last_seen' ? 'max' : 'sum';
  return names.map((name) => `${how(name)}(${name})`).join(', ');
}

function within(column: string, ranges: readonly BucketRange[]): string {
  const each = ranges.map(({ first, last }) => {
    const bounds = [
      ...(first === null ? [] : [`${column} >= ${first}`]),
      ...(last === null ? [] : [`${column} <= ${last}`]),
    ];
    return bounds.length === 0 ? '1' : `(${bounds.join(' AND ')})`;
  });
  return each.length === 0 ? '0' : `(${each.join(' OR ')})`;
}

/** An instant that no bucket passes which begins at the latest at another. */
function endOf(instant: number, length = LONGEST_HOUR_MS): number {
  // The first and the last bucket of all reach to the ends of time.
  if (instant < EARLY) return EARLY + EDGE_MS;
  return instant > -EARLY ? LAST_INSTANT + 1 : instant + length;
}

/** The dates of the buckets, by which the table is ordered. */
function datesOf(column: string, period: SummaryPeriod, ranges: readonly BucketRange[]): string[] {
  const firsts = ranges.map(({ first }) => first);
  const lasts = ranges.map(({ last }) => last);
  const from = firsts.includes(null) ? null : Math.min(...(firsts as number[]));
  const until = lasts.includes(null)
    ? null
    : endOf(Math.max(...(lasts as number[])), LONGEST_MS[period]);
  return [
    ...(from === null || from === Infinity ? [] : [`${column} >= ${from}`]),
    ...(until === null || until === -Infinity ? [] : [`${column} < ${until}`]),
  ];
}

/** The conditions that leave out what stored rows count, or what has been pruned. */
function notCounted(
  period: SummaryPeriod,
  ranges: readonly BucketRange[],
  { gone }: ReadState,
): string[] {
  const firsts = ranges.map(({ first }) => first ?? -Infinity);
  const from = Math.min(...firsts);
  return [...gone.records, ...gone[period]]
    .filter(([before]) => before > from)
    .map(([before, by]) => `NOT (date < ${before} AND inserted_us <= ${by})`);
}

/** The key under which a record counts: old keys of persons under `(other)`. */
function foldedKey(
  dimension: string,
  period: SummaryPeriod,
  key: string,
  { foldedBefore }: ReadState,
): string {
  if (foldedBefore === null || !isPersonal(dimension)) return key;
  const { [period]: before } = foldedBefore;
  return (
    `if(sum_${period} < ${before} AND ${key} NOT IN (${literal(NO_KEY)}, ${literal(OTHER_KEY)}), ` +
    `${literal(OTHER_KEY)}, ${key})`
  );
}
