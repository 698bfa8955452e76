import type { SummaryIncrement } from '../../../summary/index.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import { runUpdates } from '../connection/run-updates.js';
import type { MongoDocument } from '../connection/shapes.js';
import { fieldsOf, rowId } from './sum-mapper.js';

const ROWS_AT_ONCE = 2000;

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
  { db, summaries, website }: MongoCollections,
  rows: readonly SummaryIncrement[],
  { writer, seq }: BatchMark,
): Promise<void> {
  if (rows.length === 0) return;
  const seen = `seen.${writer}`;
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    const updates = rows.slice(at, at + ROWS_AT_ONCE).map((row) => ({
      q: { _id: rowId(website, row), [seen]: { $not: { $gte: seq } } },
      u: {
        $inc: countsOf(row),
        $set: { [seen]: seq },
        $setOnInsert: fieldsOf(website, row),
      },
    }));
    const refused = await runUpdates(db, summaries, updates, true);
    // These rows are there. They have counted the batch, or another writer made them just now.
    if (refused.length > 0)
      await runUpdates(
        db,
        summaries,
        refused.map((index) => updates[index]!),
        false,
      );
  }
}

function countsOf({ hits, transfer, errors, duration, latency }: SummaryIncrement): MongoDocument {
  const counts: MongoDocument = { hits, transfer, errors, duration };
  for (const [slot, count] of latency) counts[`latency.${slot}`] = count;
  return counts;
}
