import type { DataSource } from 'typeorm';
import type { SqlLayout } from '../layout/sql-layout.js';
import { openApplicationSqlite, type ApplicationSqlite } from '../threads/open-wal-engine.js';
import type { BetterSqlite3Driver } from './application-sqlite.handle.js';
import { checkMysql, checkPostgres } from './check-connection.js';
import { mysqlConflict, mysqlLock } from './mysql-lock.js';
import { PooledEngine } from './pooled.engine.js';
import { postgresConflict, postgresLock } from './postgres-lock.js';
import type { SqlEngine } from './sql-engine.js';
import { SqliteEngine } from './sqlite.engine.js';
import { SqljsHandle, type SqljsDriver } from './sqljs.handle.js';
import { unloggedRunner } from './unlogged-runner.js';

/**
 * Makes what runs statements on an open data source. If it is the application's, so are its log and
 * its subscribers.
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
        isConflict: postgresConflict,
        check: checkPostgres,
        disconnect,
      });
    default:
      return new PooledEngine(createRunner, {
        lock: mysqlLock(layout),
        isConflict: mysqlConflict,
        check: checkMysql,
        disconnect,
      });
  }
}
