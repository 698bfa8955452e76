import type { DataSource } from 'typeorm';
import type { SqlLayout } from '../layout/sql-layout.js';
import {
  openApplicationSqlite,
  type ApplicationSqlite,
} from '../threads/open-application-sqlite.js';
import type { BetterSqlite3Driver } from '../sqlite/application-sqlite.handle.js';
import { checkMysql, checkPostgres } from '../engines/check-connection.js';
import { mysqlConflict, mysqlLock } from '../engines/server-locks.js';
import { PooledEngine } from '../engines/pooled.engine.js';
import { postgresConflict, postgresLock } from '../engines/postgres-lock.js';
import type { SqlEngine } from '../engines/sql-engine.js';
import { SqliteEngine } from '../sqlite/sqlite.engine.js';
import { SqljsHandle, type SqljsDriver } from '../sqlite/sqljs.handle.js';
import { unloggedRunner } from '../engines/unlogged-runner.js';

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
