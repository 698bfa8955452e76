import type { PrunedUntil } from '../../base/recompute/bucket-ranges.js';
import { READ_LATEST, WRITE } from '../connection/operation-options.js';
import { siteIdOf, type MongoCollections } from '../connection/mongo-collections.js';
import type { MongoCollection } from '../connection/shapes.js';
import { secondsOf, type TtlOptions } from '../indexes/ttl-indexes.js';

const KINDS = ['records', 'hour', 'day', 'month'] as const;

/**
 * Notes that data of a kind is gone from before an instant, beside the sums too: where the state
 * collection is lost, sums whose records are gone must not be taken for wrong.
 */
export async function notePruned(
  place: MongoCollections,
  kind: keyof PrunedUntil,
  before: number,
): Promise<void> {
  for (const collection of homes(place)) await note(place, collection, { [kind]: before });
}

/** Notes beside the sums what version 0.1.0 noted in the state collection alone. */
export async function mirrorPruned(place: MongoCollections): Promise<void> {
  const [summaries, state] = await Promise.all(
    homes(place).map((collection) => read(place, collection)),
  );
  const behind = KINDS.filter((kind) => (state![kind] ?? 0) > (summaries![kind] ?? 0));
  if (behind.length === 0) return;
  const marks = Object.fromEntries(behind.map((kind) => [kind, state![kind]]));
  await note(place, place.summaries, marks);
}

/** What has been pruned, by the storage or by the TTL indexes that it has asked for. */
export async function readPruned(place: MongoCollections, ttl: TtlOptions): Promise<PrunedUntil> {
  const noted = await Promise.all(homes(place).map((collection) => read(place, collection)));
  const pruned: PrunedUntil = {};
  for (const kind of KINDS) {
    const seconds = secondsOf(ttl[kind]);
    const dates = [
      ...noted.flatMap((marks) => marks[kind] ?? []),
      ...(seconds === null ? [] : [Date.now() - seconds * 1000]),
    ];
    if (dates.length > 0) pruned[kind] = Math.max(...dates);
  }
  return pruned;
}

function homes({ summaries, state }: MongoCollections): MongoCollection[] {
  return [summaries, state];
}

async function note(
  place: MongoCollections,
  collection: MongoCollection,
  marks: PrunedUntil,
): Promise<void> {
  const _id = idOf(place, collection);
  await collection.updateOne({ _id }, { $max: marks }, { ...WRITE, upsert: true });
}

async function read(place: MongoCollections, collection: MongoCollection): Promise<PrunedUntil> {
  const noted = await collection.findOne({ _id: idOf(place, collection) }, READ_LATEST);
  const known = KINDS.filter((kind) => typeof noted?.[kind] === 'number');
  return Object.fromEntries(known.map((kind) => [kind, noted![kind]]));
}

function idOf(place: MongoCollections, collection: MongoCollection): string {
  return `pruned:${siteIdOf(place, collection)}`;
}
