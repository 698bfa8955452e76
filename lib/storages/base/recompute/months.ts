import { LAST_INSTANT, type BucketCalendar, type BucketSpan } from '../../../summary/index.js';
import { earliestBucket, type BucketRanges } from './bucket-ranges.js';

/**
 * Yields the requested months that have records or sums, oldest first. It skips empty months, so
 * dates far apart cost no more than dates close together.
 *
 * @param firstDate Returns the first date of all records and sums at or after `from`; null if there
 * is none.
 */
export async function* monthsWith(
  calendar: BucketCalendar,
  ranges: BucketRanges,
  firstDate: (from: number | null) => Promise<number | null>,
): AsyncGenerator<BucketSpan, void, undefined> {
  const { last } = ranges.month;
  const start = earliestBucket(ranges);
  let from = start === null ? null : calendar.start('month', start);
  while (from === null || from <= LAST_INSTANT) {
    const first = await firstDate(from);
    if (first === null) return;
    const span = calendar.bucket('month', first);
    if (last !== null && span.start > last) return;
    yield span;
    from = span.end;
  }
}

/** A set of months, in the order in which they were added. */
export class MonthSet {
  private readonly months = new Map<number, BucketSpan>();

  constructor(private readonly calendar: BucketCalendar) {}

  /** Adds the month of an instant. */
  add(instant: number): void {
    const month = this.calendar.bucket('month', instant);
    this.months.set(month.start, month);
  }

  [Symbol.iterator](): Iterator<BucketSpan> {
    return this.months.values();
  }
}
