import { sumBasic, sumRoutes, sumStatuses } from '../summary/index.js';
import { SqliteStorage } from '../storages/sqlite/sqlite.storage.js';
import type { UsageStorage } from '../storages/contract/usage-storage.js';

/**
 * The storage of an application that names none: the SQLite file `track-usage.sqlite` with summaries
 * by `sumBasic`, `sumRoutes` and `sumStatuses`. Its name is the one that it had in 0.1.
 */
export function createDefaultStorage(): UsageStorage {
  return new SqliteStorage({ name: 'sql', hooks: [sumBasic, sumRoutes, sumStatuses] });
}
