import type { UsageRecord } from '../../../record/index.js';
import {
  noCounts,
  OTHER_KEY,
  rowWith,
  SummaryTable,
  type BucketRange,
  type BucketSpan,
  type Summarizer,
  type SummaryIncrement,
  type SummaryPeriod,
} from '../../../summary/index.js';
import { asStored } from '../../base/recompute/as-stored.js';
import { rangesWithin, within, type BucketRanges } from '../../base/recompute/bucket-ranges.js';
import type { SqlRow } from '../dialects/shapes.js';
import type { SqlLayout } from '../layout/sql-layout.js';
import { recordOfRow } from '../records/record-mapper.js';
import { RecordQueries, type RecordPosition } from '../records/record-queries.js';
import { PAUSE, type SqlResult, type SqlScript } from '../sql-statement.js';
import { unhandledPeriod } from './bucket-sizes.js';
import { partsOfMonth } from './parts-of-month.js';
import { readBuckets, readSums } from './stored-sums.js';
import { bucketId, type BucketKey } from '../dialects/sum-key.js';
import { sumOfRow } from './sum-queries.js';

/** What is done at once in this thread, which may be the application's. */
const ROWS_AT_ONCE = 500;

/** Which sums are recomputed, and how. */
export interface Recomputation {
  readonly layout: SqlLayout;
  readonly summarizer: Summarizer;
  readonly maxKeys: number;
  /** The buckets that are asked for, those of other months among them. */
  readonly ranges: BucketRanges;
  /** Whether rows that lack measures are to get them. */
  readonly isRebuild: boolean;
}

/** A bucket of one dimension, as it is stored and as the records say. */
export interface RecomputedBucket {
  readonly bucket: BucketKey;
  readonly stored: readonly SqlRow[];
  /** How many rows the bucket is noted to have; null: it is not noted. */
  readonly noted: number | null;
  /** How many of them are noted to be of requests without a handler. */
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
 * Sums up the records of a month, and has each bucket visited. No sums are written from here to the
 * end of the transaction. It goes day by day where there are many records, so that it holds what
 * a day takes and not a month.
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

/** Reads the records of a time, the oldest first, a page after the other. */
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

/** The sums of some periods: those that are stored, and those that are recomputed. */
class Sums {
  private readonly table: SummaryTable;
  /** What requests without a handler add, of that. */
  private readonly unhandled = new SummaryTable();
  private readonly stored = new Map<string, StoredBucket>();

  constructor(
    private readonly recomputation: Recomputation,
    private readonly periods: readonly SummaryPeriod[],
    private readonly ranges: BucketRanges,
  ) {
    this.table = new SummaryTable(recomputation.maxKeys);
  }

  /** Whether nothing is asked for. */
  get isEmpty(): boolean {
    return this.periods.every((period) => isEmptyRange(this.ranges[period]));
  }

  add(all: readonly SummaryIncrement[], unhandled: readonly SummaryIncrement[]): void {
    this.table.add(all.filter((each) => this.isAsked(each)));
    this.unhandled.add(unhandled.filter((each) => this.isAsked(each)));
  }

  /** What is stored keeps its row where there are more keys than rows. */
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
    // Noted, and without any row.
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
    // It holds what had no row: keys of requests without a handler get no new ones.
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

function isEmptyRange({ first, last }: BucketRange): boolean {
  return first !== null && last !== null && first > last;
}
