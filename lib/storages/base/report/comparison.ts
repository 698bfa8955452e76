import type { BucketCalendar, BucketSpan } from '../../../summary/index.js';
import type { ReportComparison, ReportInterval } from '../../contract/usage-report.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

type Move = (instant: number, count: number) => number;

/** The span that a comparison compares a span with. */
export function comparedSpan(
  calendar: BucketCalendar,
  span: BucketSpan,
  interval: ReportInterval | null,
  compare: ReportComparison,
): BucketSpan {
  const length = span.end - span.start;
  const days: Move = (instant, count) => calendar.earlier(instant, { days: count });
  const weeks: Move = (instant, count) => days(instant, 7 * count);
  const months: Move = (instant, count) => calendar.earlier(instant, { months: count });
  const fixed = (unit: number): BucketSpan =>
    moved(span, (instant, count) => instant - count * unit, Math.ceil(length / unit));
  if (compare === 'year') return moved(span, months, 12);
  if (compare === 'week') return clear(span, weeks, length / (7 * DAY_MS));
  switch (interval) {
    case null:
      return { start: span.start - length, end: span.start };
    case 'minute':
      return fixed(MINUTE_MS);
    case 'hour':
      return fixed(HOUR_MS);
    case 'day':
      return clear(span, days, length / DAY_MS);
    case 'week':
      return clear(span, weeks, length / (7 * DAY_MS));
    case 'month':
      return clear(span, months, length / (31 * DAY_MS));
  }
}

/**
 * The span moved back by the fewest units that leave no overlap.
 *
 * @param about The number of units in the span, give or take two.
 */
function clear(span: BucketSpan, move: Move, about: number): BucketSpan {
  let count = Math.max(Math.floor(about) - 2, 1);
  while (move(span.end, count) > span.start) count++;
  return moved(span, move, count);
}

// Moves the first instant after the span, not the last one of it: all of April becomes all of March.
function moved({ start, end }: BucketSpan, move: Move, count: number): BucketSpan {
  const first = move(start, count);
  // Both may become the last day of a shorter month, the end at an earlier hour than the start.
  return { start: first, end: Math.max(move(end, count), first + 1) };
}
