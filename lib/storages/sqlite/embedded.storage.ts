import type { UsageStorageContext } from '../contract/usage-storage.js';
import { BaseSqlStorage } from '../sql/base-sql.storage.js';
import type { OpenDatabase } from '../sql/connection/open-database.js';
import { openSqlite } from '../sql/connection/open-sqlite.js';
import { DEFAULT_DATABASE, type SqliteTarget } from '../sql/sql-storage.options.js';
import type { SqliteStorageOptions } from './sqlite-storage.options.js';

/** What `SqliteStorage` opens: the same tables as those of `SqlStorage`, without TypeORM. */
export class EmbeddedStorage extends BaseSqlStorage {
  protected readonly target: SqliteTarget;

  constructor(
    readonly name: string,
    { database = DEFAULT_DATABASE, ...options }: SqliteStorageOptions,
  ) {
    super(options);
    this.target = { sqlite: database, owner: 'SqliteStorage' };
  }

  protected connect(context: UsageStorageContext): Promise<OpenDatabase> {
    return openSqlite(this.target, {}, context);
  }
}
