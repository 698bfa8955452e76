import type { UsageStorageContext } from '../contract/usage-storage.js';
import { BaseSqlStorage } from './base-sql.storage.js';
import type { OpenDatabase } from './connection/open-database.js';
import { openSqlite } from './connection/open-sqlite.js';
import {
  checkNames,
  sqlTarget,
  type SqlTarget,
  type SqlStorageOptions,
} from './sql-storage.options.js';

/**
 * Keeps records and summaries in a database of SQL: the embedded SQLite, PostgreSQL, MySQL or
 * MariaDB, on a connection of its own or of the application.
 *
 * @example
 * new SqlStorage({ url: process.env.DATABASE_URL, hooks: [sumBasic] });
 *
 * @publicApi
 */
export class SqlStorage extends BaseSqlStorage {
  readonly name: string;
  protected readonly target: SqlTarget;

  /** @throws {TypeError} for options that name no database, or more than one. */
  constructor(options: SqlStorageOptions = {}) {
    super(options);
    this.name = options.name ?? 'sql';
    this.target = sqlTarget(options);
    checkNames(options);
  }

  protected async connect(context: UsageStorageContext): Promise<OpenDatabase> {
    const { target, options } = this;
    if ('sqlite' in target) return openSqlite(target, options, context);
    // All of TypeORM, which nobody should pay for who has an SQLite file and nothing else.
    const { openByTypeorm } = await import('./connection/open-connection.js');
    return openByTypeorm(target, options, context);
  }
}
