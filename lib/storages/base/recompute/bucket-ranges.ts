import {
  SUMMARY_PERIODS,
  type BucketCalendar,
  type BucketRange,
  type BucketSpan,
  type SummaryPeriod,
} from '../../../summary/index.js';

/**
 * Pruned watermarks: data of each kind from before this instant has been pruned, in milliseconds
 * since the epoch; `personal`: keys of persons have been folded. Absent: nothing has been pruned. A
 * storage keeps them beside its data.
 */
export type PrunedUntil = Partial<Record<'records' | SummaryPeriod | 'personal', number>>;

/** The requested buckets of each period. */
export type BucketRanges = Record<SummaryPeriod, BucketRange>;

/**
 * Returns the buckets of each period that overlap the range and can be recomputed: neither they nor
 * any of their records have been pruned. Null: no bound.
 */
export function bucketRanges(
  calendar: BucketCalendar,
  start: Date | null,
  end: Date | null,
  pruned: PrunedUntil = {},
): BucketRanges {
  const [hour, day, month] = SUMMARY_PERIODS.map((period) => {
    const bounds = [
      start && calendar.start(period, start.getTime()),
      firstWhole(calendar, period, pruned.records),
      pruned[period] === undefined ? null : calendar.start(period, pruned[period]),
    ].filter((bound) => bound !== null);
    return {
      first: bounds.length > 0 ? Math.max(...bounds) : null,
      // Include rows that begin inside the last bucket, where none should begin.
      last: end && calendar.bucket(period, end.getTime()).end - 1,
    };
  });
  return { hour: hour!, day: day!, month: month! };
}

/** The earliest requested bucket of any period. Null: no bound. */
export function earliestBucket(ranges: BucketRanges): number | null {
  const firsts = SUMMARY_PERIODS.map((period) => ranges[period].first);
  return firsts.some((first) => first === null) ? null : Math.min(...(firsts as number[]));
}

/** The requested buckets of each period that begin in the span. */
export function rangesWithin({ start, end }: BucketSpan, ranges: BucketRanges): BucketRanges {
  const cut = ({ first, last }: BucketRange): BucketRange => ({
    first: Math.max(first ?? start, start),
    last: Math.min(last ?? end - 1, end - 1),
  });
  return { hour: cut(ranges.hour), day: cut(ranges.day), month: cut(ranges.month) };
}

export function within(bucket: number, { first, last }: BucketRange): boolean {
  return (first === null || bucket >= first) && (last === null || bucket <= last);
}

export function isEmptyRange({ first, last }: BucketRange): boolean {
  return first !== null && last !== null && first > last;
}

/** The first bucket that has no part before the instant. */
export function firstWhole(
  calendar: BucketCalendar,
  period: SummaryPeriod,
  instant: number | undefined,
): number | null {
  if (instant === undefined) return null;
  const { start, end } = calendar.bucket(period, instant);
  return start === instant ? start : end;
}
