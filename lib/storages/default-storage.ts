import { sumBasic, sumRoutes, sumStatuses } from '../summary/index.js';
import type { UsageStorage } from './usage-storage.js';

/**
 * The storage of an application that names none: the SQLite file `track-usage.sqlite` with summaries
 * by `sumBasic`, `sumRoutes` and `sumStatuses`.
 *
 * @throws if `typeorm` is not installed.
 */
export async function createDefaultStorage(): Promise<UsageStorage> {
  // Loaded only here: who names other storages needs none of its packages.
  const { SqlStorage } = await import('./sql/index.js').catch((error: unknown) => {
    throw missingPackage(error) ?? error;
  });
  return new SqlStorage({ hooks: [sumBasic, sumRoutes, sumStatuses] });
}

function missingPackage(error: unknown): Error | null {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes("'typeorm'")) return null;
  return new Error(
    'TrackUsageModule: without the option storages, usage is kept in an embedded SQLite, which ' +
      'needs packages that are not installed. Install them with: npm install typeorm ' +
      'better-sqlite3. Or name other storages.',
    { cause: error },
  );
}
