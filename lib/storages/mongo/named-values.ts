import type { PrunedUntil } from '../base/recompute/bucket-ranges.js';
import type { NotedZone } from '../base/time-zones/zone-change.js';
import { isDuplicate } from './connection/failures.js';
import {
  siteIdOf,
  type MongoCollections,
  digest,
  siteFilter,
} from './connection/mongo-collections.js';
import { READ_LATEST, WRITE, SIMPLE_COLLATION } from './connection/operation-options.js';
import type { MongoCollection } from './connection/shapes.js';
import { ttlSeconds, type TtlOptions } from './mongo-usage-storage.options.js';

const PRUNED_KINDS = ['records', 'hour', 'day', 'month'] as const;

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
  const behind = PRUNED_KINDS.filter((kind) => (state![kind] ?? 0) > (summaries![kind] ?? 0));
  if (behind.length === 0) return;
  const marks = Object.fromEntries(behind.map((kind) => [kind, state![kind]]));
  await note(place, place.summaries, marks);
}

/** What has been pruned, by the storage or by the TTL indexes that it has asked for. */
export async function readPruned(place: MongoCollections, ttl: TtlOptions): Promise<PrunedUntil> {
  const noted = await Promise.all(homes(place).map((collection) => read(place, collection)));
  const pruned: PrunedUntil = {};
  for (const kind of PRUNED_KINDS) {
    const seconds = ttlSeconds(ttl[kind]);
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
  const _id = prunedId(place, collection);
  await collection.updateOne({ _id }, { $max: marks }, { ...WRITE, upsert: true });
}

async function read(place: MongoCollections, collection: MongoCollection): Promise<PrunedUntil> {
  const noted = await collection.findOne({ _id: prunedId(place, collection) }, READ_LATEST);
  const known = PRUNED_KINDS.filter((kind) => typeof noted?.[kind] === 'number');
  return Object.fromEntries(known.map((kind) => [kind, noted![kind]]));
}

function prunedId(place: MongoCollections, collection: MongoCollection): string {
  return `pruned:${siteIdOf(place, collection)}`;
}

// Beside the sums, which are restored together with what is noted of them.

/** The zones that the sums of some dimensions are said to be cut in. */
export async function readZones(
  place: MongoCollections,
  dimensions: readonly string[],
): Promise<Map<string, NotedZone>> {
  const ids = dimensions.map((dimension) => zoneId(place, dimension));
  const found = await place.summaries
    .find({ _id: { $in: ids } }, { ...READ_LATEST, collation: SIMPLE_COLLATION })
    .toArray();
  return new Map(
    found.map(({ of, zone, isComplete }) => [
      of as string,
      { zone: zone as string, isComplete: isComplete === true },
    ]),
  );
}

export async function noteZone(
  place: MongoCollections,
  dimensions: readonly string[],
  { zone, isComplete }: NotedZone,
): Promise<void> {
  for (const dimension of dimensions)
    await place.summaries.updateOne(
      { _id: zoneId(place, dimension) },
      { $set: { of: dimension, zone, isComplete } },
      { ...WRITE, upsert: true },
    );
}

function zoneId({ website }: MongoCollections, dimension: string): string {
  return `zone:${digest(`${website ?? ''}\0${dimension}`)}`;
}

/** The salt of a day that all processes share: the stored one, or else the proposed one. */
export async function dailySalt(
  place: MongoCollections,
  day: string,
  proposed: string,
): Promise<string> {
  const { state, website } = place;
  const _id = `salt:${siteIdOf(place)}:${day}`;
  const fields = { kind: 'salt', day, salt: proposed, ...(website !== null && { website }) };
  const update = { $setOnInsert: fields };
  try {
    await state.updateOne({ _id }, update, { ...WRITE, upsert: true });
  } catch (error) {
    // Two upserts at once: one of them finds that the other was faster.
    if (!isDuplicate(error)) throw error;
  }
  const stored = await state.findOne({ _id }, READ_LATEST);
  return String(stored?.['salt']);
}

/** Deletes the salts of the days before. */
export async function forgetDailySalts(
  { state, website }: MongoCollections,
  before: string,
): Promise<void> {
  const old = {
    ...siteFilter(website),
    _id: { $gte: 'salt:', $lt: 'salt;' },
    day: { $lt: before },
  };
  await state.deleteMany(old, WRITE);
}
