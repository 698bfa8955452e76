import type { BucketSpan, Summarizer, SummaryPeriod, SummaryRow } from '../../summary/index.js';
import { ErasedRows } from '../base/erased-rows.js';
import { leavesRoom } from '../base/leaves-room.js';
import { bucketRanges } from '../base/recompute/bucket-ranges.js';
import type { ParsedSubject } from '../base/parse-subject.js';
import type { SqlEngine } from './engines/sql-engine.js';
import type { SqlRow } from './dialects/shapes.js';
import type { SqlLayout } from './layout/sql-layout.js';
import { readPruned, endForgetting, noteForgetting, readForgetting } from './named-values.js';
import { RecordQueries, type RecordPosition } from './records/record-queries.js';
import { lastDateOf, idsOfSubject, type IdsOfSubject } from './records/records-of-subject.js';
import type { SqlScript } from './sql-statement.js';
import { correctBucket } from './summaries/correct-bucket.js';
import { foldRows, namedRows, slicesOf } from './summaries/fold-erased-rows.js';
import { recomputeMonth, type Recomputation } from './summaries/recompute-month.js';

const RECORDS_AT_ONCE = 500;

/**
 * Deletes the records of a subject, month by month, and makes the sums of the month anew from the
 * records that stay. What has been begun is gone on with the next time, if the process ends.
 *
 * @returns How many records there were.
 */
export async function forget(
  engine: SqlEngine,
  layout: SqlLayout,
  summarizer: Summarizer,
  maxKeys: number,
  subject: ParsedSubject,
): Promise<number> {
  await resumeForgetting(engine, layout, summarizer, maxKeys);
  const pruned = await engine.steps(() => readPruned(layout.buckets));
  const ranges = bucketRanges(summarizer.calendar, null, null, pruned);
  const recount = { layout, summarizer, maxKeys, ranges };
  let count = 0;
  for (let until: number | null = null; ;) {
    const last: number | null = await engine.steps(() =>
      lastDateOf(layout, subject, until, engine.isBlocking),
    );
    if (last === null) break;
    const month = summarizer.calendar.bucket('month', last);
    // A try that is undone must not count, and one that is done in steps counts though it is not
    // the last.
    const deleted = new Set<string>();
    await engine.atLength(() => {
      if (!engine.isSliced) deleted.clear();
      return forgetMonth(recount, subject, month, deleted, engine.isSliced);
    });
    count += deleted.size;
    until = month.start - 1;
  }
  const forgotten = new ErasedRows(subject, summarizer, pruned);
  for (const slice of slicesOf(await namedRows(engine, layout, forgotten)))
    await engine.transaction(() => foldRows(layout, slice));
  return count;
}

/** Makes the sums of the months anew in which a process that has ended was forgetting. */
export async function resumeForgetting(
  engine: SqlEngine,
  layout: SqlLayout,
  summarizer: Summarizer,
  maxKeys: number,
): Promise<void> {
  const begun = await engine.steps(() => readForgetting(layout.buckets));
  if (begun.length === 0) return;
  const pruned = await engine.steps(() => readPruned(layout.buckets));
  const ranges = bucketRanges(summarizer.calendar, null, null, pruned);
  const recount = { layout, summarizer, maxKeys, ranges };
  for (const date of begun) {
    const month = summarizer.calendar.bucket('month', date);
    await engine.atLength(() => recountForgotten(recount, month, date));
  }
}

function* forgetMonth(
  recount: Recomputation,
  subject: ParsedSubject,
  month: BucketSpan,
  deleted: Set<string>,
  isBlocking: boolean,
): SqlScript {
  const { layout } = recount;
  yield* layout.records.dialect.lockExclusive(layout);
  yield* noteForgetting(layout.buckets, month.start);
  const queries = new RecordQueries(layout.records);
  let from: RecordPosition | null = null;
  do {
    const found: IdsOfSubject = yield* idsOfSubject(
      layout,
      subject,
      month,
      from,
      RECORDS_AT_ONCE,
      isBlocking,
    );
    if (found.ids.length > 0) yield queries.delete(found.ids);
    for (const id of found.ids) deleted.add(id);
    from = found.next;
  } while (from !== null);
  yield* recountForgotten(recount, month, month.start);
}

function* recountForgotten(recount: Recomputation, month: BucketSpan, noted: number): SqlScript {
  const { layout, summarizer } = recount;
  for (let again = summarizer.dimensions.length > 0; again;) {
    again = false;
    yield* recomputeMonth(recount, month, function* (bucket) {
      yield* correctBucket(layout, bucket);
      again ||= leavesRoom(bucket.stored.map(sumRowOf), bucket.expected);
    });
  }
  yield* endForgetting(layout.buckets, noted);
}

function sumRowOf(row: SqlRow): SummaryRow {
  return {
    dimension: row['dimension'] as string,
    period: row['period'] as SummaryPeriod,
    bucket: Number(row['date']),
    key: (row['long_key'] ?? row['key']) as string,
  };
}
