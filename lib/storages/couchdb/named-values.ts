import type { PrunedUntil } from '../base/recompute/bucket-ranges.js';
import { hasStatus } from './connection/failures.js';
import type { CouchDatabase } from './connection/couch-database.js';

// A local document is in no view, and is not replicated.
const PATH = '_local/track-usage-pruned';
const ATTEMPTS = 5;

/** Notes that data of a kind is gone from before an instant. */
export async function notePruned(
  database: CouchDatabase,
  kind: keyof PrunedUntil,
  before: number,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const noted = (await database.find(PATH)) ?? {};
    if (typeof noted[kind] === 'number' && noted[kind] >= before) return;
    try {
      await database.ask('PUT', PATH, { ...noted, [kind]: before });
      return;
    } catch (error) {
      if (attempt === ATTEMPTS || !hasStatus((error as Error).cause ?? error, 409)) throw error;
    }
  }
}

export async function readPruned(database: CouchDatabase): Promise<PrunedUntil> {
  const noted = (await database.find(PATH)) ?? {};
  const kinds = ['records', 'hour', 'day', 'month'] as const;
  return Object.fromEntries(
    kinds.filter((kind) => typeof noted[kind] === 'number').map((kind) => [kind, noted[kind]]),
  );
}
