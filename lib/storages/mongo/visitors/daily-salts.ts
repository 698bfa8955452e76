import { READ_LATEST, WRITE } from '../connection/operation-options.js';
import { siteFilter, siteIdOf, type MongoCollections } from '../connection/mongo-collections.js';
import { isDuplicate } from '../connection/write-failure.js';

const KIND = 'salt';

/** The salt of a day that all processes share: the stored one, or else the proposed one. */
export async function dailySalt(
  place: MongoCollections,
  day: string,
  proposed: string,
): Promise<string> {
  const { state, website } = place;
  const _id = `salt:${siteIdOf(place)}:${day}`;
  const fields = { kind: KIND, day, salt: proposed, ...(website !== null && { website }) };
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
