import type { DataSource } from 'typeorm';
import type { UsageStorageContext } from '../../contract/usage-storage.js';
import { dialectOf } from '../dialects/dialect-of.js';
import { checkMysql, checkPostgres } from '../engines/check-connection.js';
import { PooledEngine } from '../engines/pooled.engine.js';
import {
  isMysqlConflict,
  mysqlLock,
  isPostgresConflict,
  postgresLock,
} from '../engines/server-locks.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import { mysqlCancelling, postgresCancelling } from '../engines/statement-cancelling.js';
import { unloggedRunner } from '../engines/unlogged-runner.js';
import { layoutOf, type SqlLayout } from '../layout/sql-layout.js';
import type { TypeormTarget } from '../sql-storage.options.js';
import type { BetterSqlite3Driver } from '../sqlite/application-sqlite.handle.js';
import { SqliteEngine } from '../sqlite/sqlite.engine.js';
import { SqljsHandle, type SqljsDriver } from '../sqlite/sqljs.handle.js';
import {
  openApplicationSqlite,
  type ApplicationSqlite,
} from '../threads/open-application-sqlite.js';
import { openDataSource } from './open-data-source.js';
import type { OpenDatabase, TableOptions } from './open-database.js';

/**
 * Opens a database through TypeORM, which provides the driver and the application's naming
 * strategy.
 *
 * @throws {Error} if the driver is not installed, the database does not answer, or its type is not
 * supported.
 */
export async function openByTypeorm(
  target: TypeormTarget,
  options: TableOptions,
  { logger }: Pick<UsageStorageContext, 'logger'>,
): Promise<OpenDatabase> {
  const { dataSource, close } = await openDataSource(target);
  try {
    const layout = layoutOf(dataSource, await dialectOf(dataSource), options);
    const engine = openEngine(dataSource, layout, {
      isShared: 'dataSource' in target,
      migrates: options.runMigrations !== false,
      disconnect: close,
      logger,
    });
    return { layout, engine };
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Creates the engine for an open data source. Statements on the application's data source stay out
 * of its query log and its subscribers.
 */
export function openEngine(
  dataSource: DataSource,
  layout: SqlLayout,
  settings: ApplicationSqlite,
): SqlEngine {
  const { isShared, disconnect } = settings;
  const createRunner = () =>
    isShared ? unloggedRunner(dataSource) : dataSource.createQueryRunner();
  const driver: unknown = dataSource.driver;
  switch (dataSource.options.type) {
    case 'better-sqlite3':
      return openApplicationSqlite(driver as BetterSqlite3Driver, layout, settings);
    case 'sqljs':
      return new SqliteEngine(new SqljsHandle(driver as SqljsDriver), disconnect);
    case 'postgres':
      return new PooledEngine(createRunner, {
        lock: postgresLock(layout),
        isConflict: isPostgresConflict,
        cancelling: postgresCancelling,
        check: checkPostgres,
        disconnect,
      });
    default:
      return new PooledEngine(createRunner, {
        lock: mysqlLock(layout),
        isConflict: isMysqlConflict,
        cancelling: mysqlCancelling,
        check: checkMysql,
        disconnect,
      });
  }
}
