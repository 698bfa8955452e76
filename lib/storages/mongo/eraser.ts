import {
  mergeIncrements,
  OTHER_KEY,
  type BucketSpan,
  type SummaryIncrement,
} from '../../summary/index.js';
import { ErasedRows } from '../base/erased-rows.js';
import type { BatchWriter } from './batches/batch-writer.js';
import { RebuildLease } from './batches/rebuild-lease.js';
import { siteFilter, type MongoCollections } from './connection/mongo-collections.js';
import { READ_LATEST, WRITE } from './connection/operation-options.js';
import type { RecordQueries } from './records/record-reader.js';
import { deleteEmptied } from './summaries/bucket-key-counts.js';
import { rowOf } from './summaries/sum-mapper.js';
import type { MongoSummaries } from './summaries/summary-maintenance.js';
import type { ParsedSubject } from '../base/parse-subject.js';

/** Rows that one correction moves into `(other)`. */
const ROWS_AT_ONCE = 250;

/** What a storage forgets with. */
interface Means {
  readonly place: MongoCollections;
  readonly queries: RecordQueries;
  readonly summaries: MongoSummaries;
  readonly batches: BatchWriter;
}

/**
 * Deletes the records of a subject, and makes the sums of their months anew from those that stay.
 *
 * @returns How many records there were.
 */
export async function forget(means: Means, subject: ParsedSubject): Promise<number> {
  const { place, summaries } = means;
  const { summarizer } = summaries;
  const { field, value } = subject;
  const forgotten = new ErasedRows(subject, summarizer, await summaries.pruned());
  const rows = await namedRows(place, forgotten);
  const folded = rows.filter(({ dimension, period, bucket }) =>
    forgotten.isFolded(dimension, period, bucket),
  );
  const months = new Map<number, BucketSpan>();
  const add = (instant: number) => {
    const month = summarizer.calendar.bucket('month', instant);
    months.set(month.start, month);
  };
  for (const row of rows) if (!folded.includes(row)) add(row.bucket);
  for await (const { date } of means.queries.stream({
    start: null,
    end: null,
    where: [[field, value]],
  }))
    add(date.getTime());

  const { deletedCount } = await place.records.deleteMany(
    { ...siteFilter(place.website), [field]: { $eq: value } },
    WRITE,
  );
  if (summarizer.dimensions.length > 0)
    for (const { start, end } of months.values())
      await summaries.rebuild(new Date(start), new Date(end - 1));
  await fold(means, folded);
  return deletedCount;
}

/** The rows of sums of the subject's key. */
async function namedRows(
  { summaries, website }: MongoCollections,
  forgotten: ErasedRows,
): Promise<SummaryIncrement[]> {
  const rows: SummaryIncrement[] = [];
  const site = siteFilter(website);
  for (const dimension of (await summaries.distinct('dimension', site, READ_LATEST)) as string[]) {
    if (!forgotten.isNamedIn(dimension)) continue;
    const filter = { ...site, dimension: { $eq: dimension }, key: { $eq: forgotten.key } };
    rows.push(...(await summaries.find(filter, READ_LATEST).toArray()).map(rowOf));
  }
  return rows;
}

/** Adds rows to the `(other)` of their buckets, and deletes them. */
async function fold({ place, batches }: Means, rows: readonly SummaryIncrement[]): Promise<void> {
  if (rows.length === 0) return;
  const turn = await RebuildLease.take(batches);
  try {
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      const moved = rows.slice(at, at + ROWS_AT_ONCE);
      await turn.correct(
        mergeIncrements(moved.flatMap((row) => [negative(row), { ...row, key: OTHER_KEY }])),
      );
    }
    await deleteEmptied(place, rows);
  } finally {
    batches.admission.forget();
    await turn.end();
  }
}

function negative(row: SummaryIncrement): SummaryIncrement {
  const { hits, transfer, errors, duration, latency } = row;
  return {
    ...row,
    hits: -hits,
    transfer: -transfer,
    errors: -errors,
    duration: -duration,
    latency: new Map([...latency].map(([slot, count]) => [slot, -count])),
  };
}
