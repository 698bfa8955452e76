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
import { LONGEST_HOUR_MS, type ReadState } from './sum-state.js';

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

/** The first hour whose records rows of hours may count for a period: none before is pruned. */
export function firstHour(period: SummaryPeriod | null, { gone }: ReadState): number {
  const all = [...gone.records, ...(period === null ? [] : gone[period])];
  return Math.max(-LAST_INSTANT, ...all.map(([before]) => before));
}

/** The conditions of records that no rows of hours count. */
export function byThemselves(period: SummaryPeriod | null, state: ReadState): string[] {
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

/** The condition of a column that begins in a span. */
export function inSpan(column: string, { start, end }: BucketSpan): string {
  return `(${column} >= ${start} AND ${column} < ${end})`;
}

/** The condition of a column that begins in one of some spans. */
export function inSpans(column: string, spans: readonly BucketSpan[]): string {
  return spans.length === 0 ? '0' : `(${spans.map((span) => inSpan(column, span)).join(' OR ')})`;
}

/** The condition of buckets in some ranges. */
export function within(column: string, ranges: readonly BucketRange[]): string {
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
export function endOf(instant: number, length = LONGEST_HOUR_MS): number {
  // The first and the last bucket of all reach to the ends of time.
  if (instant < EARLY) return EARLY + EDGE_MS;
  return instant > -EARLY ? LAST_INSTANT + 1 : instant + length;
}

/** The dates of the buckets, by which the table is ordered. */
export function datesOf(
  column: string,
  period: SummaryPeriod,
  ranges: readonly BucketRange[],
): string[] {
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
export function notCounted(
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

/**
 * The key under which a record counts: old keys of persons under `(other)`.
 *
 * @param bucket The column of the bucket that decides.
 */
export function foldedKey(
  dimension: string,
  period: SummaryPeriod,
  key: string,
  { foldedBefore }: ReadState,
  bucket = `sum_${period}`,
): string {
  if (foldedBefore === null || !isPersonal(dimension)) return key;
  const { [period]: before } = foldedBefore;
  return (
    `if(${bucket} < ${before} AND ${key} NOT IN (${literal(NO_KEY)}, ${literal(OTHER_KEY)}), ` +
    `${literal(OTHER_KEY)}, ${key})`
  );
}

/** The conditions of the rows of hours that count. */
export function ofCountedHours(
  period: SummaryPeriod,
  ranges: readonly BucketRange[],
  state: ReadState,
): string[] {
  const { until, except, moves } = state.hours;
  return [
    within(`sum_${period}`, ranges),
    ...datesOf('sum_hour', period, ranges),
    `sum_hour >= ${firstHour(period, state)} AND sum_hour < ${until}`,
    ...except.map((span) => `NOT ${inSpan('sum_hour', span)}`),
    ofMoves(moves),
  ];
}

/** The condition of rows of any move that counts. */
export function ofMoves(moves: readonly string[]): string {
  return `move IN (${['', ...moves].map(literal).join(', ')})`;
}

/** Whether rows are stored that count: only for pruned records. */
export function hasStored({ gone }: ReadState): boolean {
  return gone.records.length > 0;
}
