import type { PrunedUntil } from '../../recount/bucket-ranges.js';
import { READ_LATEST, WRITE } from '../connection/operation-options.js';
import { siteIdOf, type MongoPlace } from '../connection/place.js';
import { secondsOf, type TtlOptions } from '../indexes/ttl-indexes.js';

const KINDS = ['records', 'hour', 'day', 'month'] as const;

/** Notes that data of a kind is gone from before an instant. */
export async function notePruned(
  place: MongoPlace,
  kind: keyof PrunedUntil,
  before: number,
): Promise<void> {
  const update = { $max: { [kind]: before } };
  await place.state.updateOne({ _id: idOf(place) }, update, { ...WRITE, upsert: true });
}

/** What has been pruned, by the storage or by the TTL indexes that it has asked for. */
export async function readPruned(place: MongoPlace, ttl: TtlOptions): Promise<PrunedUntil> {
  const noted = await place.state.findOne({ _id: idOf(place) }, READ_LATEST);
  const pruned: PrunedUntil = {};
  for (const kind of KINDS) {
    const seconds = secondsOf(ttl[kind]);
    const dates = [
      ...(typeof noted?.[kind] === 'number' ? [noted[kind]] : []),
      ...(seconds === null ? [] : [Date.now() - seconds * 1000]),
    ];
    if (dates.length > 0) pruned[kind] = Math.max(...dates);
  }
  return pruned;
}

function idOf(place: MongoPlace): string {
  return `pruned:${siteIdOf(place)}`;
}
