import type { UsageRecord } from '../../record/index.js';
import { BaseStorage } from '../base/base-storage.js';
import type { UsageStorageContext } from '../contract/usage-storage.js';
import type { OpenDatabase } from './connection/open-database.js';
import { openSqlite } from './connection/open-sqlite.js';
import { openSqlParts, type SqlParts } from './sql-parts.js';
import {
  checkNames,
  sqlTarget,
  type SqlStorageOptions,
  type SqlTarget,
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
export class SqlStorage extends BaseStorage<SqlParts> {
  readonly name: string;
  private readonly target: SqlTarget;

  /** @throws {TypeError} for options that name no database, or more than one. */
  constructor(readonly options: SqlStorageOptions = {}) {
    super();
    this.name = options.name ?? 'sql';
    this.target = sqlTarget(options);
    checkNames(options);
  }

  /** Stores while the process ends, without waiting: into a file of the storage's own. */
  storeSync(records: readonly UsageRecord[]): void {
    this.use().storeSync(records);
  }

  protected async openParts(context: UsageStorageContext): Promise<SqlParts> {
    const { name, options } = this;
    const database = await this.connect(context);
    return openSqlParts(name, database, options.runMigrations !== false, context);
  }

  private async connect(context: UsageStorageContext): Promise<OpenDatabase> {
    const { target, options } = this;
    if ('sqlite' in target) return openSqlite(target, options, context);
    // All of TypeORM, which nobody should pay for who has an SQLite file and nothing else.
    const { openByTypeorm } = await import('./connection/open-connection.js');
    return openByTypeorm(target, options, context);
  }
}
