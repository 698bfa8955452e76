import {
  calendarOf,
  isPersonal,
  LAST_INSTANT,
  type BucketCalendar,
  type BucketRange,
  type BucketSpan,
} from '../../../summary/index.js';
import { mergeSpans, minusSpans } from '../../base/coverage-note.js';
import { firstHour } from './sum-conditions.js';
import type { SumRows } from './sum-rows.js';
import type { CountedDays, ReadState, SumState } from './sum-state.js';

/** The days that rows of days count, whole and up to date. */
export function countedDays(
  state: Pick<SumState, 'days' | 'hours'>,
  calendar: BucketCalendar,
): BucketSpan[] {
  if (!isUpToDate(state, calendar)) return [];
  return minusSpans(state.days.spans, touchedDays(state.hours.except, calendar));
}

/** Whether days are those of a calendar, and of the rows of hours that count. */
export function isUpToDate(
  { days, hours }: Pick<SumState, 'days' | 'hours'>,
  { timeZone }: BucketCalendar,
): boolean {
  // Who knows nothing of days may have counted hours anew.
  return days.timeZone === timeZone && days.by === hours.by;
}

/**
 * The days of which a query reads the rows of days instead of those of hours: all of it lies in the
 * query, and each of its hours counts.
 */
export function daysToRead(
  { dimension, period, ranges, mergesBuckets }: SumRows,
  state: ReadState,
  calendar: BucketCalendar,
): BucketSpan[] {
  if (period === 'hour' && !mergesBuckets) return [];
  const counted = countedDays(state, calendar);
  if (counted.length === 0) return [];
  const pruned = calendar.wholeBuckets('day', {
    start: firstHour(period, state),
    end: LAST_INSTANT + 1,
  });
  const known = common(counted, pruned ? [pruned] : []);
  if (period !== 'hour') return known;
  const days = ranges.flatMap((range) => {
    const span = spanOf(range, calendar);
    return span.start < span.end ? (calendar.wholeBuckets('day', span) ?? []) : [];
  });
  const { foldedBefore } = state;
  // Of the day in which folding ends, some hours are folded and some are not.
  const halfFolded =
    foldedBefore && isPersonal(dimension) ? [calendar.bucket('day', foldedBefore.hour)] : [];
  return minusSpans(common(known, mergeSpans(days, Infinity)), halfFolded);
}

/**
 * Counted days when rows of hours count more: without those in which some hours are.
 *
 * @param before The `by` of the rows of hours until now.
 * @param by That from now on.
 */
export function withoutDays(
  days: CountedDays,
  hours: readonly BucketSpan[],
  before: number,
  by: number,
): CountedDays {
  // Days that were out of date stay so.
  if (days.timeZone === null || days.by !== before) return days;
  const touched = touchedDays(hours, calendarOf(days.timeZone));
  const [spans, strange] = [days.spans, days.strange].map((each) => minusSpans(each, touched));
  return { ...days, spans: spans!, strange: strange!, by };
}

/** The spans of the days that some spans touch, in order and apart. */
export function touchedDays(spans: readonly BucketSpan[], calendar: BucketCalendar): BucketSpan[] {
  return mergeSpans(
    spans.map((span) => calendar.touchedBuckets('day', span)),
    Infinity,
  );
}

/** From the first instant of the hours of a range to the end of the last. */
function spanOf({ first, last }: BucketRange, calendar: BucketCalendar): BucketSpan {
  return {
    start: first ?? -LAST_INSTANT,
    end: last === null ? LAST_INSTANT + 1 : calendar.bucket('hour', last).end,
  };
}

/** What lies in spans and in others, both in order and apart. */
function common(spans: readonly BucketSpan[], others: readonly BucketSpan[]): BucketSpan[] {
  return minusSpans(spans, minusSpans(spans, others));
}
