import {
  SUMMARY_PERIODS,
  type BucketCalendar,
  type BucketRange,
  type SummaryPeriod,
} from '../../summary/index.js';

/** The buckets of each period that overlap a stretch of time; null: no bound. */
export function bucketRanges(
  calendar: BucketCalendar,
  start: Date | null,
  end: Date | null,
): Record<SummaryPeriod, BucketRange> {
  const [hour, day, month] = SUMMARY_PERIODS.map((period) => ({
    first: start && calendar.start(period, start.getTime()),
    last: end && calendar.start(period, end.getTime()),
  }));
  return { hour: hour!, day: day!, month: month! };
}

export function within(bucket: number, { first, last }: BucketRange): boolean {
  return (first === null || bucket >= first) && (last === null || bucket <= last);
}
