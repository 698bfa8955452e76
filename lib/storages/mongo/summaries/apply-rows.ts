import type { SummaryIncrement } from '../../../summary/index.js';
import { WRITE } from '../connection/operation-options.js';
import type { MongoPlace } from '../connection/place.js';
import type { MongoDocument } from '../connection/shapes.js';
import { refusalsOf } from '../connection/write-failure.js';
import { fieldsOf, rowId } from './sum-document.js';

/** The batch whose rows are applied. */
export interface BatchMark {
  readonly writer: number;
  readonly seq: number;
}

/**
 * Adds rows to the sums, each once however often this is called: a row remembers the last batch
 * of each writer that it has counted, and a writer's batches come one after the other.
 */
export async function applyRows(
  { summaries, website }: MongoPlace,
  rows: readonly SummaryIncrement[],
  { writer, seq }: BatchMark,
): Promise<void> {
  if (rows.length === 0) return;
  const seen = `seen.${writer}`;
  const updates = rows.map((row) => ({
    filter: { _id: rowId(website, row), [seen]: { $not: { $gte: seq } } },
    update: {
      $inc: countsOf(row),
      $set: { [seen]: seq },
      $setOnInsert: fieldsOf(website, row),
    },
  }));
  const run = (chosen: typeof updates, upsert: boolean) =>
    summaries.bulkWrite(
      chosen.map((update) => ({ updateOne: { ...update, upsert } })),
      { ...WRITE, ordered: false },
    );
  try {
    await run(updates, true);
  } catch (error) {
    const refusals = refusalsOf(error);
    if (!refusals?.every(({ isDuplicate }) => isDuplicate)) throw error;
    // These rows are there. They have counted the batch, or another writer made them just now.
    await run(
      refusals.map(({ index }) => updates[index]!),
      false,
    );
  }
}

function countsOf({ hits, transfer, errors, duration, latency }: SummaryIncrement): MongoDocument {
  const counts: MongoDocument = { hits, transfer, errors, duration };
  for (const [slot, count] of latency) counts[`latency.${slot}`] = count;
  return counts;
}
