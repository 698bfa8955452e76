import type { BucketRange } from './bucket-calendar.js';
import { byBucket, capKeys } from './cap-keys.js';
import { compareKeys, keyText } from './summary-key.js';
import { addCounts, noCounts, rowWith, type MutableCounts } from './measures.js';
import { compareRows, type SummaryIncrement, type SummaryRow } from './summary-increment.js';
import { toUsageSum } from './to-usage-sum.js';
import { SUMMARY_PERIODS, type SummaryPeriod, type UsageSum } from './usage-sum.js';

/** The rows of a dimension to report, and the page of each period. */
export interface SummaryTableQuery {
  readonly order: 'date' | 'hits';
  readonly limit: number;
  readonly offset: number;
  /** The one key to report; null for every key. */
  readonly target: string | null;
  /** The buckets of each period, as `BucketCalendar.range` returns them. */
  readonly range: (period: SummaryPeriod) => BucketRange;
}

type Bucket = Pick<SummaryRow, 'dimension' | 'period' | 'bucket'> & {
  readonly rows: Map<string, MutableCounts>;
  /** Rows created for keys of requests without a handler. */
  unhandled: number;
};

/** Summaries in memory. Adds, caps, sorts and pages rows like a storage's table of sums. */
export class SummaryTable {
  private readonly buckets = new Map<string, Bucket>();

  /** @param maxKeys The most rows in a bucket, `(other)` included. */
  constructor(private readonly maxKeys = Infinity) {}

  /** Adds increments. They must be in lock order, each row once. */
  add(increments: readonly SummaryIncrement[]): void {
    for (const run of byBucket(increments)) {
      const bucket = this.bucketOf(run[0]!);
      const { rows, unhandled } = bucket;
      const held = { size: rows.size, unhandled, has: (key: string) => rows.has(key) };
      for (const increment of capKeys(run, held, this.maxKeys)) {
        let counts = rows.get(increment.key);
        if (!counts) {
          rows.set(increment.key, (counts = noCounts()));
          if (increment.unhandled) bucket.unhandled++;
        }
        addCounts(counts, increment);
      }
    }
  }

  /** Rejects new keys of requests without a handler in a bucket from now on. */
  closeToUnhandled(bucket: Omit<SummaryRow, 'key'>): void {
    this.bucketOf(bucket).unhandled = Infinity;
  }

  /**
   * One page of each period. Sorts by newest bucket or, for order `'hits'`, by most hits and then
   * by newest bucket. Rows that are still equal sort by key, by code point.
   */
  sums(dimension: string, query: SummaryTableQuery): Record<SummaryPeriod, UsageSum[]> {
    const target = query.target === null ? null : keyText(query.target);
    const [hour, day, month] = SUMMARY_PERIODS.map((period) =>
      this.page(dimension, period, { ...query, target }),
    );
    return { hour: hour!, day: day!, month: month! };
  }

  /** All rows, in lock order. */
  rows(): SummaryIncrement[] {
    return [...this.buckets.values()].flatMap(rowsOf).sort(compareRows);
  }

  /** The rows of one bucket after the other, in lock order. */
  *runs(): Generator<SummaryIncrement[], void, undefined> {
    const sorted = [...this.buckets.values()].sort((a, b) =>
      compareRows({ ...a, key: '' }, { ...b, key: '' }),
    );
    for (const bucket of sorted) {
      const rows = rowsOf(bucket);
      if (rows.length > 0) yield rows.sort(compareRows);
    }
  }

  /** Deletes the buckets of a period that begin from `first` to `last`, both inclusive. */
  remove(period: SummaryPeriod, { first, last }: BucketRange): void {
    for (const [id, bucket] of this.buckets)
      if (bucket.period === period && within(bucket.bucket, { first, last }))
        this.buckets.delete(id);
  }

  /** One page of a period. `target` is a stored key. */
  page(dimension: string, period: SummaryPeriod, query: SummaryTableQuery): UsageSum[] {
    const range = query.range(period);
    const byHits = query.order === 'hits';
    const { target } = query;
    return [...this.buckets.values()]
      .filter((b) => b.dimension === dimension && b.period === period && within(b.bucket, range))
      .flatMap(rowsOf)
      .filter(({ key }) => target === null || key === target)
      .sort(
        (a, b) =>
          (byHits ? b.hits - a.hits : 0) || b.bucket - a.bucket || compareKeys(a.key, b.key),
      )
      .slice(query.offset, query.offset + query.limit)
      .map(toUsageSum);
  }

  /** The rows of one bucket of a period after the other, in no particular order. */
  *runsOf(
    dimension: string,
    period: SummaryPeriod,
    range: BucketRange,
  ): Generator<SummaryIncrement[], void, undefined> {
    for (const bucket of this.buckets.values())
      if (
        bucket.dimension === dimension &&
        bucket.period === period &&
        within(bucket.bucket, range)
      )
        yield rowsOf(bucket);
  }

  private bucketOf({ dimension, period, bucket }: Omit<SummaryRow, 'key'>): Bucket {
    const id = `${dimension} ${period} ${bucket}`;
    let found = this.buckets.get(id);
    if (!found)
      this.buckets.set(id, (found = { dimension, period, bucket, rows: new Map(), unhandled: 0 }));
    return found;
  }
}

function rowsOf({ dimension, period, bucket, rows }: Bucket): SummaryIncrement[] {
  return [...rows].map(([key, counts]) => rowWith(dimension, period, bucket, key, counts));
}

function within(bucket: number, { first, last }: BucketRange): boolean {
  return (first === null || bucket >= first) && (last === null || bucket <= last);
}
