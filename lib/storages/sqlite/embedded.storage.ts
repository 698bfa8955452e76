import { SqlStorage } from '../sql/sql.storage.js';
import { DEFAULT_DATABASE, type SqlTarget } from '../sql/sql-target.js';
import type { SqliteStorageOptions } from './sqlite-storage.options.js';

/** What `SqliteStorage` opens: the same tables as those of `SqlStorage`, without TypeORM. */
export class EmbeddedStorage extends SqlStorage {
  protected override readonly target: SqlTarget;

  constructor({ database = DEFAULT_DATABASE, ...options }: SqliteStorageOptions) {
    super({ ...options, database });
    this.target = { sqlite: database, owner: 'SqliteStorage' };
  }
}
