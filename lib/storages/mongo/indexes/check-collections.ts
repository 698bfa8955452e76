import type { MongoCollections } from '../connection/mongo-collections.js';
import { READ_LATEST } from '../connection/operation-options.js';

const KINDS: Record<string, string> = {
  timeseries: 'a time-series collection, which takes no unique ids, updates and deletes',
  view: 'a view, which takes no writes',
};
const UNAUTHORIZED = 13;

/** @throws if what has the name of one of the collections is none that documents can be kept in. */
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
  for (const { name, type } of await listed(db, names)) {
    const kind = KINDS[type];
    if (kind === undefined) continue;
    const option = name === names[0] ? 'collection' : 'summaryCollection';
    throw new Error(
      `${name} is ${kind}: choose another ${option}, or rename what is there and let the library ` +
        'make its own.',
    );
  }
}

async function listed(
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
    // Who may not list them may still write them.
    if ((error as { code?: unknown }).code === UNAUTHORIZED) return [];
    throw error;
  }
}
