import {
  isPersonal,
  NO_KEY,
  OTHER_KEY,
  type BucketRange,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { literal } from '../format/clickhouse-text.js';
import type { KeyColumns } from '../format/key-columns.js';
import type { Tables } from '../format/tables.js';
import type { Counted, ReadState } from './sum-state.js';

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

/** Some rows of sums. */
export interface SumRows {
  readonly dimension: string;
  readonly period: SummaryPeriod;
  /** They do not overlap. */
  readonly ranges: readonly BucketRange[];
  /** The only key. Null or absent: all keys. */
  readonly key?: string | null;
  readonly withLatency: boolean;
}

/** Builds the statements that read sums: stored rows, and what records add to them. */
export class SumQueries {
  constructor(
    private readonly tables: Tables,
    private readonly columns: KeyColumns,
  ) {}

  /** A query of rows: bucket, key, counts and, with latency, the slots and how many are in each. */
  rows(rows: SumRows, state: ReadState): string {
    const parts = [this.stored(rows, state), ...this.ofRecords(rows, state)];
    const latency = rows.withLatency ? ', sumMap(slots, counts)' : '';
    return (
      `SELECT bucket, key, ${merged(COUNTS)}${latency} ` +
      `FROM (${parts.join(' UNION ALL ')}) GROUP BY bucket, key`
    );
  }

  /** A query of the hits in each bucket. */
  totals(rows: Omit<SumRows, 'withLatency'>, state: ReadState): string {
    const wanted = { ...rows, withLatency: false };
    const parts = [this.stored(wanted, state), ...this.ofRecords(wanted, state)];
    return `SELECT bucket, sum(hits) FROM (${parts.join(' UNION ALL ')}) GROUP BY bucket`;
  }

  /** A query of what records from before a date count for, as rows to store. */
  ofGone(
    dimension: string,
    period: SummaryPeriod,
    [before, by]: Counted,
    state: ReadState,
  ): string | null {
    const [query] = this.ofRecords(
      { dimension, period, ranges: [{ first: null, last: null }], withLatency: true },
      state,
      `date < ${before} AND inserted_us <= ${by}`,
    );
    return query ?? null;
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

  /** What records add; nothing if none has a key of the dimension. */
  private ofRecords(
    { dimension, period, ranges, key, withLatency }: SumRows,
    state: ReadState,
    also: string | null = null,
  ): string[] {
    const column = this.columns.of(dimension);
    if (column === undefined) return [];
    const bucket = `sum_${period}`;
    const folded = foldedKey(dimension, period, column, state);
    const terms = [
      `${column} IS NOT NULL`,
      within(bucket, ranges),
      ...datesOf(period, ranges),
      ...notCounted(period, ranges, state),
      ...(also === null ? [] : [also]),
      ...(key == null ? [] : [`${folded} = ${literal(key)}`]),
    ];
    const counts = OF_RECORD.map((term, at) => `sum(${term}) AS ${COUNTS[at]}`);
    const latency = withLatency
      ? ', sumMap([sum_slot], [sum_hits]) AS l, l.1 AS slots, l.2 AS counts'
      : '';
    const names = ['bucket', 'key', ...COUNTS, ...(withLatency ? ['slots', 'counts'] : [])];
    return [
      `SELECT ${names.join(', ')} FROM (` +
        `SELECT ${bucket} AS bucket, ${folded} AS key, ${counts.join(', ')}, ` +
        `min(date) AS first_seen, max(date) AS last_seen${latency} ` +
        `FROM ${this.tables.path('records')} FINAL WHERE ${terms.join(' AND ')} ` +
        'GROUP BY bucket, key)',
    ];
  }
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

/** The dates of the buckets, by which the table is ordered. */
function datesOf(period: SummaryPeriod, ranges: readonly BucketRange[]): string[] {
  const firsts = ranges.map(({ first }) => first);
  const lasts = ranges.map(({ last }) => last);
  const from = firsts.includes(null) ? null : Math.min(...(firsts as number[]));
  const until = lasts.includes(null) ? null : Math.max(...(lasts as number[])) + LONGEST_MS[period];
  return [
    ...(from === null || from === Infinity ? [] : [`date >= ${from}`]),
    ...(until === null || until === -Infinity ? [] : [`date < ${until}`]),
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
  column: string,
  { foldedBefore }: ReadState,
): string {
  const key = `assumeNotNull(${column})`;
  if (foldedBefore === null || !isPersonal(dimension)) return key;
  const { [period]: before } = foldedBefore;
  return (
    `if(sum_${period} < ${before} AND ${key} NOT IN (${literal(NO_KEY)}, ${literal(OTHER_KEY)}), ` +
    `${literal(OTHER_KEY)}, ${key})`
  );
}
