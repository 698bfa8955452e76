import type { UsageRecord } from '../../record/index.js';
import { BaseStorage, type BaseStorageParts } from '../base/base-storage.js';
import type { UsageStorageContext } from '../contract/usage-storage.js';
import { sqlitePlace } from '../sql/sql-place.js';
import {
  checkSqliteOptions,
  sqliteFile,
  type SqliteStorageOptions,
} from './sqlite-storage.options.js';

// Not `SqlParts`: its types need TypeORM's, and an application without TypeORM could not compile
// against them.
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

  /**
   * @throws {TrackUsageOptionsError} if `database` is not a non-empty text, or an option belongs to
   * `SqlStorage`.
   */
  constructor(readonly options: SqliteStorageOptions = {}) {
    super();
    checkSqliteOptions(options);
    this.name = options.name ?? 'sqlite';
  }

  /** Stores records synchronously while the process ends. */
  storeSync(records: readonly UsageRecord[]): void {
    this.use().storeSync(records);
  }

  /** The path of its file; null: the database is in memory. */
  get file(): string | null {
    return sqliteFile(this.options);
  }

  protected override placeOf(): string | null {
    return this.file && sqlitePlace(this.file);
  }

  protected async openParts(context: UsageStorageContext): Promise<SqliteParts> {
    // Loaded at open, so that an application with another storage does not load it at start.
    const { openSqliteParts } = await import('./open-sqlite-parts.js');
    return openSqliteParts(this.name, this.options.database, context);
  }
}
