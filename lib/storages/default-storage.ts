import { sumBasic, sumRoutes, sumStatuses } from '../summary/index.js';
import type { UsageStorage } from './usage-storage.js';

/**
 * The storage of an application that names none: the SQLite file `track-usage.sqlite` with summaries
 * by `sumBasic`, `sumRoutes` and `sumStatuses`. It needs `better-sqlite3`, and says so when it is
 * opened without.
 */
export async function createDefaultStorage(): Promise<UsageStorage> {
  // Loaded only here, and without the entities, so that nobody else needs any of its packages.
  const { SqlStorage } = await import('./sql/sql.storage.js');
  return new SqlStorage({ hooks: [sumBasic, sumRoutes, sumStatuses] });
}
