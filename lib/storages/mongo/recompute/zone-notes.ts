import type { NotedZone } from '../../base/time-zones/zone-change.js';
import { READ_LATEST, SIMPLE_COLLATION, WRITE } from '../connection/operation-options.js';
import { digest, type MongoCollections } from '../connection/mongo-collections.js';

// Beside the sums, which are restored together with what is noted of them.

/** The zones that the sums of some dimensions are said to be cut in. */
export async function readZones(
  place: MongoCollections,
  dimensions: readonly string[],
): Promise<Map<string, NotedZone>> {
  const ids = dimensions.map((dimension) => idOf(place, dimension));
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
      { _id: idOf(place, dimension) },
      { $set: { of: dimension, zone, isComplete } },
      { ...WRITE, upsert: true },
    );
}

function idOf({ website }: MongoCollections, dimension: string): string {
  return `zone:${digest(`${website ?? ''}\0${dimension}`)}`;
}
