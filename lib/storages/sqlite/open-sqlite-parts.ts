import type { UsageStorageContext } from '../contract/usage-storage.js';
import { openSqlite } from '../sql/connection/open-sqlite.js';
import { openSqlParts, type SqlParts } from '../sql/sql-parts.js';
import { DEFAULT_DATABASE } from '../sql/sql-storage.options.js';

/** Opens an SQLite file with the same tables as `SqlStorage`, without TypeORM. */
export async function openSqliteParts(
  name: string,
  file: string = DEFAULT_DATABASE,
  context: UsageStorageContext,
): Promise<SqlParts> {
  const database = await openSqlite({ sqlite: file, owner: 'SqliteStorage' }, {}, context);
  return openSqlParts(name, database, true, context);
}
