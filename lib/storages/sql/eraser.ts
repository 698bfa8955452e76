import type { BucketSpan, Summarizer, SummaryPeriod, SummaryRow } from '../../summary/index.js';
import { ErasedRows } from '../base/erased-rows.js';
import { leavesRoom } from '../base/recompute/recomputation.js';
import type { NamedValues } from '../base/named-values.js';
import type { ParsedSubject } from '../base/parse-subject.js';
import { noteUncountedSpans } from '../base/uncounted-hours.js';
import { unkeptWithin } from '../base/unkept-sums.js';
import { bucketRanges, type PrunedUntil } from '../base/recompute/bucket-ranges.js';
import type { SqlEngine } from './engines/sql-engine.js';
import type { SqlRow } from './dialects/shapes.js';
import type { SqlLayout } from './layout/sql-layout.js';
import { endErasure, noteErasure, readErasures, readPruned } from './summaries/bucket-notes.js';
import { keyOf, type RecordPosition } from './records/record-position.js';
import { RecordQueries } from './records/record-queries.js';
import {
  lastDateOf,
  recordsOfSubject,
  type RecordsOfSubject,
} from './records/records-of-subject.js';
import type { SqlScript } from './sql-statement.js';
import { correctBucket } from './summaries/correct-bucket.js';
import { foldRows, namedRows, slicesOf, storedDimensions } from './summaries/fold-erased-rows.js';
import { SumScanner } from './summaries/sum-scanner.js';
import { recomputeMonth, type Recomputation } from './summaries/recompute-month.js';

const RECORDS_AT_ONCE = 500;

/** Erases subjects: deletes their records, and folds their keys in the sums into `(other)`. */
export class Eraser {
  constructor(
    private readonly engine: SqlEngine,
    private readonly layout: SqlLayout,
    private readonly summarizer: Summarizer,
    private readonly maxKeys: number,
    private readonly values: NamedValues,
  ) {}

  /**
   * Deletes the records of a subject month by month, and recomputes each month's sums from the
   * remaining records. If the process ends meanwhile, the next call finishes the month.
   *
   * @returns How many records were deleted.
   */
  async forget(subject: ParsedSubject): Promise<number> {
    await this.resume();
    const { engine, layout, summarizer } = this;
    const { pruned, recomputation } = await this.begin();
    let count = 0;
    for (let until: number | null = null; ;) {
      const last: number | null = await engine.steps(() =>
        lastDateOf(layout, subject, until, engine.isBlocking),
      );
      if (last === null) break;
      const month = summarizer.calendar.bucket('month', last);
      // A transaction that is retried has to start its count again. A script that runs in slices
      // keeps it: what earlier attempts deleted stays deleted.
      const deleted = new Set<string>();
      await engine.atLength(() => {
        if (!engine.isSliced) deleted.clear();
        return forgetMonth(recomputation, subject, month, deleted, engine.isSliced);
      });
      count += deleted.size;
      until = month.start - 1;
    }
    const erased = new ErasedRows(subject, summarizer, pruned);
    for (const slice of slicesOf(await namedRows(engine, layout, erased)))
      await engine.transaction(() => foldRows(layout, slice));
    return count;
  }

  /** The dimensions of all stored sums. */
  dimensions(): Promise<string[]> {
    return storedDimensions(this.engine, this.layout);
  }

  /** Recomputes the sums of those months in which an earlier process ended while it was erasing. */
  async resume(): Promise<void> {
    const { engine, layout, summarizer } = this;
    const begun = await engine.steps(() => readErasures(layout.buckets));
    if (begun.length === 0) return;
    await this.noteUnkept(begun.map((date) => summarizer.calendar.bucket('month', date)));
    const { recomputation } = await this.begin();
    for (const date of begun) {
      const month = summarizer.calendar.bucket('month', date);
      await engine.atLength(() => recomputeErased(recomputation, month, date));
    }
  }

  /** Notes where sums that this process does not keep, and cannot correct, count what is erased. */
  private async noteUnkept(months: readonly BucketSpan[]): Promise<void> {
    const { engine, layout, summarizer, values } = this;
    const sums = new SumScanner(engine, layout.summaries);
    const left = summarizer.countsRecords
      ? await unkeptWithin({ summarizer, sums, eraser: this }, months)
      : months;
    const now = Date.now();
    const spans = left.map(({ start, end }) => ({ start, end: Math.min(end, now) }));
    if (spans.length > 0) await noteUncountedSpans(values, spans);
  }

  private async begin(): Promise<{ pruned: PrunedUntil; recomputation: Recomputation }> {
    const { engine, layout, summarizer, maxKeys } = this;
    const pruned = await engine.steps(() => readPruned(layout.buckets));
    const ranges = bucketRanges(summarizer.calendar, null, null, pruned);
    return { pruned, recomputation: { layout, summarizer, maxKeys, ranges, isRebuild: true } };
  }
}

function* forgetMonth(
  recomputation: Recomputation,
  subject: ParsedSubject,
  month: BucketSpan,
  deleted: Set<string>,
  isBlocking: boolean,
): SqlScript {
  const { layout } = recomputation;
  yield* layout.records.dialect.lockExclusive(layout);
  yield* noteErasure(layout.buckets, month.start);
  const queries = new RecordQueries(layout.records);
  let from: RecordPosition | null = null;
  do {
    const { found, next }: RecordsOfSubject = yield* recordsOfSubject(
      layout,
      subject,
      month,
      from,
      RECORDS_AT_ONCE,
      isBlocking,
    );
    if (found.length > 0) yield queries.delete(found);
    for (const each of found) deleted.add(keyOf(each).join(' '));
    from = next;
  } while (from !== null);
  yield* recomputeErased(recomputation, month, month.start);
}

function* recomputeErased(
  recomputation: Recomputation,
  month: BucketSpan,
  noted: number,
): SqlScript {
  const { layout, summarizer } = recomputation;
  for (let again = summarizer.dimensions.length > 0; again;) {
    again = false;
    yield* recomputeMonth(recomputation, month, function* (bucket) {
      yield* correctBucket(layout, bucket);
      again ||= leavesRoom(bucket.stored.map(sumRowOf), bucket.expected);
    });
  }
  yield* endErasure(layout.buckets, noted);
}

function sumRowOf(row: SqlRow): SummaryRow {
  return {
    dimension: row['dimension'] as string,
    period: row['period'] as SummaryPeriod,
    bucket: Number(row['date']),
    key: (row['long_key'] ?? row['key']) as string,
  };
}
