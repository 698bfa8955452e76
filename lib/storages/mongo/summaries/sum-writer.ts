import { MEASURES, type SummaryIncrement } from '../../../summary/index.js';
import type { MongoCollections } from '../connection/mongo-collections.js';
import { runUpdates } from '../connection/run-updates.js';
import type { MongoDocument } from '../connection/shapes.js';
import type { Correction } from './corrections.js';
import { fieldsOf, rowId } from './sum-mapper.js';

const ROWS_AT_ONCE = 2000;

/** The batch whose rows are applied. */
export interface BatchMark {
  readonly writer: number;
  readonly seq: number;
}

/**
 * Adds rows to the sums. Repeating a call changes nothing: each row notes the last batch of each
 * writer that it has counted, and a writer runs one batch at a time.
 */
export async function applyRows(
  { db, summaries, website }: MongoCollections,
  rows: readonly Correction[],
  { writer, seq }: BatchMark,
): Promise<void> {
  if (rows.length === 0) return;
  const seen = `seen.${writer}`;
  const query = (row: Correction) => ({
    _id: rowId(website, row),
    [seen]: { $not: { $gte: seq } },
  });
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    const some = rows.slice(at, at + ROWS_AT_ONCE);
    const compared = some.flatMap((row) =>
      row.comparedAt === undefined
        ? []
        : [{ q: { ...query(row), hits: row.comparedAt }, u: replacementOf(row, { [seen]: seq }) }],
    );
    if (compared.length > 0) await runUpdates(db, summaries, compared, false);
    const updates = some.map((row) => ({
      q: query(row),
      u: { ...additionOf(row, { [seen]: seq }), $setOnInsert: fieldsOf(website, row) },
    }));
    const refused = await runUpdates(db, summaries, updates, true);
    // These rows exist. Either they have counted the batch, or another writer has just created
    // them.
    if (refused.length > 0)
      await runUpdates(
        db,
        summaries,
        refused.map((index) => updates[index]!),
        false,
      );
  }
}

/**
 * Adds to a row. If the row's first or last request may have been deleted, its measures become
 * unknown.
 */
function additionOf(row: Correction, set: MongoDocument): MongoDocument {
  const { measured, ...counts } = countsOf(row);
  if (row.comparedAt !== undefined)
    return { $inc: counts, $set: set, $unset: { measured: 1, ...extremesOf(row, 'all') } };
  const [least, greatest] = [extremesOf(row, 'min'), extremesOf(row, 'max')];
  return {
    $inc: { ...counts, measured },
    $set: set,
    ...(Object.keys(least).length > 0 && { $min: least }),
    ...(Object.keys(greatest).length > 0 && { $max: greatest }),
  };
}

/** Adds to a row, and replaces its first and its last request. */
function replacementOf(row: Correction, set: MongoDocument): MongoDocument {
  const extremes = { ...extremesOf(row, 'min'), ...extremesOf(row, 'max') };
  if (Object.keys(extremes).length > 0)
    return { $inc: countsOf(row), $set: { ...set, ...extremes } };
  return { $inc: countsOf(row), $set: set, $unset: extremesOf(row, 'all') };
}

const EXTREMES = MEASURES.filter(({ merge }) => merge !== 'add');

/**
 * The fields of the first or the last request, as far as they are known. With `'all'`, the names of
 * both fields.
 */
function extremesOf(row: Correction, merge: 'min' | 'max' | 'all'): MongoDocument {
  const fields: MongoDocument = {};
  for (const each of EXTREMES)
    if (merge === 'all') fields[each.name] = 1;
    else if (each.merge === merge && Number.isFinite(row[each.name]))
      fields[each.name] = new Date(row[each.name]);
  return fields;
}

const ADDED = MEASURES.filter(({ merge }) => merge === 'add');

function countsOf(row: SummaryIncrement): MongoDocument {
  const counts: MongoDocument = {};
  for (const { name } of ADDED) counts[name] = row[name];
  for (const [slot, count] of row.latency) counts[`latency.${slot}`] = count;
  return counts;
}
