import type { UsageRecord } from '../../record/index.js';
import { missingPackage } from '../../support/optional-packages.js';
import { BaseStorage } from '../base/base-storage.js';
import { mayMigrate, type UsageStorageContext } from '../contract/usage-storage.js';
import type { MigrationStep } from '../base/migration-step.js';
import { SqlHealth } from './format/health.js';
import type { OpenDatabase } from './connection/open-database.js';
import { openSqlite } from './connection/open-sqlite.js';
import { sqlPlace } from './sql-place.js';
import { openSqlParts, type SqlParts } from './sql-parts.js';
import {
  checkNames,
  sqlTarget,
  type SqlStorageOptions,
  type SqlTarget,
} from './sql-storage.options.js';

/**
 * Keeps records and summaries in an SQL database: an SQLite file, PostgreSQL, MySQL or MariaDB. The
 * connection is the storage's own or the application's.
 *
 * @example
 * new SqlStorage({ url: process.env.DATABASE_URL, hooks: [sumBasic] });
 *
 * @publicApi
 */
export class SqlStorage extends BaseStorage<SqlParts> {
  readonly name: string;
  private readonly target: SqlTarget;

  /**
   * @throws {TrackUsageOptionsError} if more than one database is given, or an option has a wrong
   * value.
   */
  constructor(readonly options: SqlStorageOptions = {}) {
    super();
    this.name = options.name ?? 'sql';
    this.target = sqlTarget(options);
    checkNames(options);
  }

  /**
   * Stores records synchronously while the process ends.
   *
   * @throws {Error} if the database is not an SQLite file of the storage's own.
   */
  storeSync(records: readonly UsageRecord[]): void {
    this.use().storeSync(records);
  }

  override async pendingSteps(context: UsageStorageContext): Promise<readonly MigrationStep[]> {
    const options = { ...this.options, runMigrations: false };
    const { engine, layout } = await this.connect(options, context);
    try {
      return await new SqlHealth(engine, layout).missing();
    } finally {
      await engine.close();
    }
  }

  protected override placeOf(): string | null {
    return sqlPlace(this.target, this.options);
  }

  protected async openParts(context: UsageStorageContext): Promise<SqlParts> {
    const { name, options } = this;
    const runMigrations = options.runMigrations !== false && mayMigrate(context);
    const database = await this.connect({ ...options, runMigrations }, context);
    return openSqlParts(name, database, runMigrations, context);
  }

  private async connect(
    options: SqlStorageOptions,
    context: UsageStorageContext,
  ): Promise<OpenDatabase> {
    const { target } = this;
    if ('sqlite' in target) return openSqlite(target, options, context);
    // Loads all of TypeORM, which an application with only an SQLite file should not pay for.
    const { openByTypeorm } = await import('./connection/open-connection.js').catch(
      missingPackage('SqlStorage', 'typeorm'),
    );
    return openByTypeorm(target, options, context);
  }
}
