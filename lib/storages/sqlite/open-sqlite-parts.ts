import { mayMigrate, type UsageStorageContext } from '../contract/usage-storage.js';
import { openSqlite } from '../sql/connection/open-sqlite.js';
import { openSqlParts, type SqlParts } from '../sql/sql-parts.js';
import { DEFAULT_DATABASE } from '../sql/sql-storage.options.js';

/** Opens an SQLite file with the same tables as `SqlStorage`, without TypeORM. */
export async function openSqliteParts(
  name: string,
  file: string = DEFAULT_DATABASE,
  context: UsageStorageContext,
): Promise<SqlParts> {
  const target = { sqlite: file, owner: 'SqliteStorage' } as const;
  const runMigrations = mayMigrate(context);
  const database = await openSqlite(target, { runMigrations }, context);
  return openSqlParts(name, database, runMigrations, context);
}
