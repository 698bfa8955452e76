import {
  BucketCalendar,
  calendarOf,
  SUMMARY_PERIODS,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { bucketRanges, within, type PrunedUntil } from '../recompute/bucket-ranges.js';
import { fittingZone, isStart, type BucketStart } from './fitting-zone.js';

/** The noted time zone of a dimension's sums. */
export interface NotedZone {
  readonly zone: string;
  /** False while the sums are being rebuilt in this zone. */
  readonly isComplete: boolean;
}

/**
 * The end of a period's sums that stay as they are, in milliseconds since the epoch. They stay
 * because their records have been pruned, or because they have been pruned themselves. A bucket of
 * the new zone may begin before this boundary and end after it. That bucket counts only the rest of
 * its records.
 */
export interface ZoneBoundary {
  readonly period: SummaryPeriod;
  /** Rows from here to `until`, exclusive, are replaced. */
  readonly from: number;
  /**
   * Records from here to `until`, exclusive, count in `bucket`. Earlier ones count in the sums that
   * stay.
   */
  readonly first: number;
  /** The first bucket of the new zone that is recomputed as a whole. */
  readonly until: number;
  readonly bucket: number;
  /** Whether `bucket` has a row that stays. The recomputed counts are added to it. */
  readonly isShared: boolean;
}

/** How sums of another time zone are converted. */
export interface ZoneChange {
  /** The zone of the sums, as noted or as their buckets show it. Null if no known zone fits. */
  readonly from: string | null;
  readonly boundaries: readonly ZoneBoundary[];
}

/**
 * Compares the zone of stored sums with the calendar that should cut them.
 *
 * @param noted The noted zone. Null for sums of version 0.1.0, which notes none: their buckets must
 * show it.
 * @returns Null if every bucket is one of the calendar's, so the zones do not differ here.
 */
export function zoneChange(
  calendar: BucketCalendar,
  noted: string | null,
  starts: readonly BucketStart[],
  pruned: PrunedUntil,
): ZoneChange | null {
  const old = noted === null ? null : knownCalendar(noted);
  if (old) {
    if (hasSameBoundaries(old, calendar, starts, pruned)) return null;
    return { from: noted, boundaries: boundariesBetween(old, calendar, pruned) };
  }
  const strange = starts.filter((each) => !isStart(calendar, each));
  if (strange.length === 0) return null;
  const fitting = fittingZone(strange);
  const before = fitting === null ? calendar : calendarOf(fitting);
  return { from: noted ?? fitting, boundaries: boundariesBetween(before, calendar, pruned) };
}

/**
 * Finds rows of another zone among sums of this one. A process with another `timeZone` option
 * writes such rows. A rebuild replaces them, except rows some of whose records have been pruned:
 * their remaining records must not be counted twice.
 */
export function findStrayRows(
  calendar: BucketCalendar,
  starts: readonly BucketStart[],
  pruned: PrunedUntil,
): ZoneChange | null {
  const ranges = bucketRanges(calendar, null, null, pruned);
  const stray = starts.filter((each) => !isStart(calendar, each));
  const telling = stray.filter(({ period, bucket }) => within(bucket, ranges[period]));
  const zone = telling.length === 0 ? null : fittingZone(telling);
  if (zone === null) return null;
  const other = calendarOf(zone);
  const boundaries = SUMMARY_PERIODS.flatMap((period) => {
    const { first: from } = ranges[period];
    if (from === null) return [];
    const { start, end } = other.bucket(period, from);
    const isThere = stray.some((each) => each.period === period && each.bucket === start);
    if (start >= from || !isThere) return [];
    return [boundaryAt(other, calendar, period, from, end)];
  });
  return boundaries.length > 0 ? { from: zone, boundaries } : null;
}

function boundariesBetween(
  old: BucketCalendar,
  calendar: BucketCalendar,
  pruned: PrunedUntil,
): ZoneBoundary[] {
  const ranges = bucketRanges(old, null, null, pruned);
  return SUMMARY_PERIODS.flatMap((period) => {
    const { first } = ranges[period];
    return first === null ? [] : [boundaryAt(old, calendar, period, first, first)];
  });
}

function boundaryAt(
  old: BucketCalendar,
  calendar: BucketCalendar,
  period: SummaryPeriod,
  from: number,
  first: number,
): ZoneBoundary {
  const { start: bucket, end } = calendar.bucket(period, first);
  const until = bucket === first ? first : end;
  const isShared = bucket < from && isStart(old, { period, bucket });
  return { period, from, first, until, bucket, isShared };
}

// Sums that stay may be of an older zone. The last of them must still end where the new zone says.
function hasSameBoundaries(
  old: BucketCalendar,
  calendar: BucketCalendar,
  starts: readonly BucketStart[],
  pruned: PrunedUntil,
): boolean {
  const ranges = bucketRanges(old, null, null, pruned);
  return starts.every(({ period, bucket }) => {
    const span = old.bucket(period, bucket);
    const { first } = ranges[period];
    if (first !== null && bucket < first && (span.start !== bucket || span.end < first))
      return true;
    const same = calendar.bucket(period, bucket);
    return same.start === bucket && same.end === span.end;
  });
}

// A newer Node.js may know zones that this one does not.
function knownCalendar(zone: string): BucketCalendar | null {
  try {
    return calendarOf(zone);
  } catch {
    return null;
  }
}
