import { BucketCalendar, type SummaryPeriod } from '../../../summary/index.js';

/** A bucket of sums that is stored, by its first instant. */
export interface BucketStart {
  readonly period: SummaryPeriod;
  readonly bucket: number;
}

/** Looked at first: of several zones that fit, one that people know is named. */
const WELL_KNOWN = [
  'UTC',
  'Europe/London',
  'Europe/Berlin',
  'Europe/Helsinki',
  'Europe/Moscow',
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'Asia/Dubai',
  'Asia/Kolkata',
  'Asia/Singapore',
  'Asia/Tokyo',
  'Australia/Sydney',
];

// A day tells more of a zone than an hour does.
const TELLING: readonly SummaryPeriod[] = ['day', 'month', 'hour'];

/** A zone in which all of some buckets begin where a bucket does; null if none is known. */
export function fittingZone(starts: readonly BucketStart[]): string | null {
  const inOrder = TELLING.flatMap((period) => starts.filter((each) => each.period === period));
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const zone of new Set([own, ...WELL_KNOWN, ...Intl.supportedValuesOf('timeZone')])) {
    const calendar = new BucketCalendar(zone);
    if (inOrder.every((each) => isStart(calendar, each))) return zone;
  }
  return null;
}

/** Whether a bucket of a calendar begins there. */
export function isStart(calendar: BucketCalendar, { period, bucket }: BucketStart): boolean {
  return calendar.start(period, bucket) === bucket;
}
