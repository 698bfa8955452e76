import type { UsageRecord } from '../../../record/index.js';
import {
  noCounts,
  OTHER_KEY,
  rowWith,
  SummaryTable,
  type BucketSpan,
  type Summarizer,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { asStored } from '../../base/recompute/as-stored.js';
import {
  isEmptyRange,
  rangesWithin,
  within,
  type BucketRanges,
} from '../../base/recompute/bucket-ranges.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { recordOfRow } from '../records/record-mapper.js';
import type { RecordPosition } from '../records/record-position.js';
import { RecordQueries } from '../records/record-queries.js';
import { PAUSE, type SqlResult, type SqlScript } from '../sql-statement.js';
import { unhandledPeriod } from './bucket-sizes.js';
import { partsOfMonth } from './parts-of-month.js';
import { readBuckets, readSums } from './stored-sums.js';
import { bucketId, type BucketKey } from '../dialects/sum-key.js';
import { sumOfRow } from './sum-rows.js';

/** Rows per page. Processing a page occupies this thread, which may be the application's. */
const ROWS_AT_ONCE = 500;

/** Which sums to recompute, and how. */
export interface Recomputation {
  readonly layout: SqlLayout;
  readonly summarizer: Summarizer;
  readonly maxKeys: number;
  /** The requested buckets, including those of other months. */
  readonly ranges: BucketRanges;
  /** Whether rows that lack measures get them. */
  readonly isRebuild: boolean;
}

/** A bucket of one dimension: its stored rows, and the rows that its records give. */
export interface RecomputedBucket {
  readonly bucket: BucketKey;
  readonly stored: readonly SqlRow[];
  /** The noted number of rows; null if none is noted. */
  readonly noted: number | null;
  /** The noted number of rows of requests without a handler; null if none is noted. */
  readonly notedUnhandled: number | null;
  /** Sorted by key. */
  readonly expected: readonly SummaryIncrement[];
}

interface StoredBucket {
  readonly bucket: BucketKey;
  readonly stored: SqlRow[];
  noted: number | null;
  notedUnhandled: number | null;
}

/**
 * Recomputes the sums of a month from its records, and calls `visit` for each bucket. Takes
 * `lockExclusive`, so no other transaction writes sums until this one ends. A month with many
 * records is processed day by day, so that memory holds the hours and days of one day, not of a
 * month.
 */
export function* recomputeMonth(
  recomputation: Recomputation,
  month: BucketSpan,
  visit: (bucket: RecomputedBucket) => SqlScript,
): SqlScript {
  const { layout, ranges } = recomputation;
  yield* layout.records.dialect.lockExclusive(layout);
  const ofMonth = rangesWithin(month, ranges);
  const whole = new Sums(recomputation, ['month'], ofMonth);
  yield* whole.readStored();
  for (const part of yield* partsOfMonth(recomputation, month)) {
    const fine = new Sums(recomputation, ['hour', 'day'], rangesWithin(part, ofMonth));
    if (whole.isEmpty && fine.isEmpty) continue;
    yield* fine.readStored();
    const span = { start: new Date(part.start), end: new Date(part.end - 1) };
    yield* eachPage(layout, span, (page) => {
      const increments = recomputation.summarizer.summarize(page);
      const unhandled = page.filter(({ handler }) => handler === null);
      const ofUnhandled = unhandled.length > 0 ? recomputation.summarizer.summarize(unhandled) : [];
      for (const sums of [fine, whole]) sums.add(increments, ofUnhandled);
    });
    yield* fine.visit(visit);
  }
  yield* whole.visit(visit);
}

/** Reads the records of a span page by page, the oldest first. */
export function* eachPage(
  layout: SqlLayout,
  span: { readonly start: Date; readonly end: Date },
  use: (page: readonly UsageRecord[]) => void,
): SqlScript {
  const records = new RecordQueries(layout.records);
  let last: RecordPosition | null = null;
  for (;;) {
    const { rows }: SqlResult = yield records.next(last, ROWS_AT_ONCE, { ...span, where: [] });
    const page: UsageRecord[] = rows.map(recordOfRow);
    yield PAUSE;
    use(page);
    yield PAUSE;
    last = page.at(-1) ?? last;
    if (rows.length < ROWS_AT_ONCE) return;
  }
}

/** The stored and the recomputed sums of some periods. */
class Sums {
  private readonly table: SummaryTable;
  /** The part of `table` that requests without a handler add. */
  private readonly unhandled = new SummaryTable();
  private readonly stored = new Map<string, StoredBucket>();

  constructor(
    private readonly recomputation: Recomputation,
    private readonly periods: readonly SummaryPeriod[],
    private readonly ranges: BucketRanges,
  ) {
    this.table = new SummaryTable(recomputation.maxKeys);
  }

  /** Whether no bucket is requested. */
  get isEmpty(): boolean {
    return this.periods.every((period) => isEmptyRange(this.ranges[period]));
  }

  add(all: readonly SummaryIncrement[], unhandled: readonly SummaryIncrement[]): void {
    this.table.add(all.filter((each) => this.isAsked(each)));
    this.unhandled.add(unhandled.filter((each) => this.isAsked(each)));
  }

  /**
   * Reads the stored rows first, so that their keys keep their rows if there are more keys than the
   * cap allows.
   */
  *readStored(): SqlScript {
    const { layout, summarizer } = this.recomputation;
    for (const dimension of summarizer.dimensions)
      for (const period of this.periods) {
        const range = this.ranges[period];
        if (isEmptyRange(range)) continue;
        const span = { dimension, period, ...range };
        for (const { keys, date } of yield* readBuckets(layout.buckets, span))
          this.bucketOf({ dimension, period, date }).noted = keys;
        const ofUnhandled = { ...span, period: unhandledPeriod(period) };
        for (const { keys, date } of yield* readBuckets(layout.buckets, ofUnhandled))
          this.bucketOf({ dimension, period, date }).notedUnhandled = keys;
        yield* readSums(layout.summaries, span, ROWS_AT_ONCE, (rows) => this.keep(rows));
      }
  }

  *visit(visit: (bucket: RecomputedBucket) => SqlScript): SqlScript {
    const unhandled = new Map([...this.unhandled.runs()].map((run) => [runId(run), run]));
    for (const run of this.table.runs()) {
      const { dimension, period, bucket: date } = run[0]!;
      const found = this.bucketOf({ dimension, period, date });
      this.stored.delete(bucketId(found.bucket));
      const ofUnhandled = unhandled.get(runId(run)) ?? [];
      const live = ofUnhandled.length > 0 ? found.stored.map(sumOfRow) : [];
      const { isRebuild } = this.recomputation;
      const rows = asStored(run, ofUnhandled, live, isRebuild);
      const expected = rows.filter(({ hits }) => hits > 0);
      yield* visit({ ...found, expected });
      yield PAUSE;
    }
    // Buckets that are noted, but have neither stored rows nor records.
    for (const rest of this.stored.values()) yield* visit({ ...rest, expected: [] });
  }

  private keep(rows: readonly SqlRow[]): void {
    const live: SummaryIncrement[] = [];
    for (const row of rows) {
      const [dimension, period] = [row['dimension'], row['period']] as [string, SummaryPeriod];
      const date = Number(row['date']);
      this.bucketOf({ dimension, period, date }).stored.push(row);
      const key = (row['long_key'] ?? row['key']) as string;
      live.push(rowWith(dimension, period, date, key, noCounts()));
    }
    this.table.add(live);
    // An `(other)` row holds rejected keys, so keys of requests without a handler get no new rows.
    for (const row of live) if (row.key === OTHER_KEY) this.table.closeToUnhandled(row);
  }

  private isAsked({ period, bucket }: SummaryIncrement): boolean {
    return this.periods.includes(period) && within(bucket, this.ranges[period]);
  }

  private bucketOf(bucket: BucketKey): StoredBucket {
    const id = bucketId(bucket);
    let found = this.stored.get(id);
    if (!found) {
      found = { bucket, stored: [], noted: null, notedUnhandled: null };
      this.stored.set(id, found);
    }
    return found;
  }
}

function runId(run: readonly SummaryIncrement[]): string {
  const { dimension, period, bucket: date } = run[0]!;
  return bucketId({ dimension, period, date });
}
