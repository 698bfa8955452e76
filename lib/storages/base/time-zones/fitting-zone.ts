import { BucketCalendar, type SummaryPeriod } from '../../../summary/index.js';

/** A bucket of stored sums, by its first instant. */
export interface BucketStart {
  readonly period: SummaryPeriod;
  readonly bucket: number;
}

/**
 * Tried right after the process's own zone, so that of several fitting zones a well-known one is
 * named.
 */
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

// Days narrow the zone down more than hours do, so they are checked first.
const TELLING: readonly SummaryPeriod[] = ['day', 'month', 'hour'];

/**
 * Finds a zone in which each of the given instants is the start of a bucket. Returns null if no
 * known zone fits.
 */
export function fittingZone(starts: readonly BucketStart[]): string | null {
  const inOrder = TELLING.flatMap((period) => starts.filter((each) => each.period === period));
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const zone of new Set([own, ...WELL_KNOWN, ...Intl.supportedValuesOf('timeZone')])) {
    const calendar = new BucketCalendar(zone);
    if (inOrder.every((each) => isStart(calendar, each))) return zone;
  }
  return null;
}

/** Whether a bucket of the calendar starts at this instant. */
export function isStart(calendar: BucketCalendar, { period, bucket }: BucketStart): boolean {
  return calendar.start(period, bucket) === bucket;
}
