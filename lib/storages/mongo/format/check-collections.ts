import type { MongoCollections } from '../connection/mongo-collections.js';
import { READ_LATEST } from '../connection/operation-options.js';

/** The server's code for what a user has no right to. */
export const UNAUTHORIZED = 13;

const KINDS: Record<string, string> = {
  timeseries: 'a time-series collection, which takes no unique ids, updates and deletes',
  view: 'a view, which takes no writes',
};

/**
 * @throws {Error} if records and sums would share a collection, or if a name belongs to a view or a
 * time-series collection.
 */
export async function checkCollections({
  db,
  records,
  summaries,
  state,
}: MongoCollections): Promise<void> {
  const names = [records, summaries, state].map(({ collectionName }) => collectionName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new Error(
      `The collection ${twice} cannot hold records and sums at once: choose another ` +
        'summaryCollection.',
    );
  for (const { name, type } of await listCollections(db, names)) {
    const kind = KINDS[type];
    if (kind === undefined) continue;
    const option = name === names[0] ? 'collection' : 'summaryCollection';
    throw new Error(
      `${name} is ${kind}: choose another ${option}, or rename what is there and let the library ` +
        'make its own.',
    );
  }
}

async function listCollections(
  db: MongoCollections['db'],
  names: readonly string[],
): Promise<readonly { name: string; type: string }[]> {
  try {
    const { cursor } = (await db.command(
      { listCollections: 1, filter: { name: { $in: names } } },
      READ_LATEST,
    )) as { cursor: { firstBatch: { name: string; type: string }[] } };
    return cursor.firstBatch;
  } catch (error) {
    // A user who may not list collections may still write to them.
    if ((error as { code?: unknown }).code === UNAUTHORIZED) return [];
    throw error;
  }
}
