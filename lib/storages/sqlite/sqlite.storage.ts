import type { UsageRecord } from '../../record/index.js';
import { BaseStorage, type BaseStorageParts } from '../base/base-storage.js';
import type { UsageStorageContext } from '../contract/usage-storage.js';
import { checkSqliteOptions, type SqliteStorageOptions } from './sqlite-storage.options.js';

// Not the type of the storages on SQL: whoever has no TypeORM could not check these types.
interface SqliteParts extends BaseStorageParts {
  storeSync(records: readonly UsageRecord[]): void;
}

/**
 * Keeps records and summaries in an SQLite file of its own. It needs the package `better-sqlite3`,
 * and no other.
 *
 * @example
 * new SqliteStorage({ database: 'data/usage.sqlite', hooks: [sumRoutes, sumStatuses] });
 *
 * @publicApi
 */
export class SqliteStorage extends BaseStorage<SqliteParts> {
  readonly name: string;

  /** @throws {TypeError} for options that name no file. */
  constructor(readonly options: SqliteStorageOptions = {}) {
    super();
    checkSqliteOptions(options);
    this.name = options.name ?? 'sqlite';
  }

  /** Stores while the process ends, without waiting. */
  storeSync(records: readonly UsageRecord[]): void {
    this.use().storeSync(records);
  }

  protected async openParts(context: UsageStorageContext): Promise<SqliteParts> {
    // Loaded only here: whoever uses another storage does not pay for it at the start.
    const { openSqliteParts } = await import('./open-sqlite-parts.js');
    return openSqliteParts(this.name, this.options.database, context);
  }
}
