import type { SummaryHook, UsageStorage } from 'nestjs-track-usage';
import { afterEach } from 'vitest';
import { summariesOf } from '../../lib/summary/index.js';
import { createStorage, newPlace, type Database } from './databases.js';

interface Opening {
  readonly timeZone?: string;
  readonly isLazy?: boolean;
}

export type Open = (
  hooks: readonly SummaryHook[],
  opening?: Opening,
) => Promise<Required<UsageStorage>>;

/** Opens storages at one place, for the specs of this group. */
export function openingAt(database: Database, url: string): Open {
  const opened: UsageStorage[] = [];
  let place = newPlace();

  afterEach(async () => {
    for (const storage of opened.splice(0)) await storage.close!();
    await database.remove(url, place);
    place = newPlace();
  });

  return async (hooks, { timeZone = 'UTC', isLazy = false } = {}) => {
    const recipe = database.recipe(url, place);
    const options = { ...recipe.options, ...(isLazy && { lazyConnect: true }) };
    const storage = createStorage({ ...recipe, options }, { hooks });
    const logger = { log() {}, warn() {}, error() {} };
    const settings = { timeZone, maxKeys: 1000 };
    await storage.open!({ logger, summaries: summariesOf(hooks), ...settings });
    opened.push(storage);
    return storage as Required<UsageStorage>;
  };
}
