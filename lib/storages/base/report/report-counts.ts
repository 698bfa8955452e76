import {
  addCounts,
  noCounts,
  type MutableCounts,
  type SummaryCounts,
} from '../../../summary/index.js';

/** Everything that a report counts of a group of requests. */
export interface ReportCounts extends MutableCounts {
  /** The distinct values of each counted dimension, by their numbers in `DistinctNames`. */
  readonly distinct: readonly Set<number>[];
}

/** @param distinct The number of dimensions whose distinct values are counted. */
export function noReportCounts(distinct: number): ReportCounts {
  const counts = noCounts() as ReportCounts & { distinct: Set<number>[] };
  counts.distinct = distinct === 0 ? NONE : Array.from({ length: distinct }, () => new Set());
  return counts;
}

/** Adds `counts` to `into`. */
export function addReportCounts(
  into: ReportCounts,
  counts: SummaryCounts & Pick<ReportCounts, 'distinct'>,
): void {
  addCounts(into, counts);
  counts.distinct.forEach((values, index) => {
    const all = into.distinct[index]!;
    for (const value of values) all.add(value);
  });
}

/** Adds to the count of a latency slot. */
export function addSlot(
  { latency }: Pick<ReportCounts, 'latency'>,
  slot: number,
  count: number,
): void {
  latency.set(slot, (latency.get(slot) ?? 0) + count);
}

/**
 * Whether two counts are of the same requests. Counts of fractions differ by the order in which they
 * were added up, and a request counts for one at least.
 */
export function isSameCount(a: number, b: number): boolean {
  return Math.abs(a - b) < 0.5;
}

const NONE: Set<number>[] = [];

/** Numbers distinct texts, so that sets of them are small. */
export class DistinctNames {
  private readonly numbers = new Map<unknown, number>();

  numberOf(value: unknown): number {
    let number = this.numbers.get(value);
    if (number === undefined) this.numbers.set(value, (number = this.numbers.size));
    return number;
  }
}
