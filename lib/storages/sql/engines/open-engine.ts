import type { DataSource } from 'typeorm';
import type { SqlLayout } from '../layout/sql-layout.js';
import { BetterSqlite3Handle, type BetterSqlite3Database } from './better-sqlite3.handle.js';
import { checkMysql, checkPostgres } from './check-connection.js';
import { mysqlConflict, mysqlLock } from './mysql-lock.js';
import { PooledEngine } from './pooled.engine.js';
import { postgresConflict, postgresLock } from './postgres-lock.js';
import type { SqlEngine } from './sql-engine.js';
import { SqliteEngine } from './sqlite.engine.js';
import { SqljsHandle, type SqljsDriver } from './sqljs.handle.js';
import { unloggedRunner } from './unlogged-runner.js';

/**
 * Makes what runs statements on an open data source.
 *
 * @param isShared Whether it is the application's, and so are its log and its subscribers.
 */
export function openEngine(
  dataSource: DataSource,
  layout: SqlLayout,
  isShared: boolean,
  disconnect: () => Promise<void>,
): SqlEngine {
  const createRunner = () =>
    isShared ? unloggedRunner(dataSource) : dataSource.createQueryRunner();
  const driver: unknown = dataSource.driver;
  switch (dataSource.options.type) {
    case 'better-sqlite3': {
      const { databaseConnection } = driver as { databaseConnection: BetterSqlite3Database };
      return new SqliteEngine(new BetterSqlite3Handle(databaseConnection), disconnect);
    }
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
