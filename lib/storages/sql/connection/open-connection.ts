import { DataSource, type DataSourceOptions } from 'typeorm';
import { defaultExport } from '../../../support/optional-packages.js';
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
import { unloggedRunner } from '../engines/unlogged-runner.js';
import { usageEntities } from '../entities/usage-entities.js';
import { layoutOf, type SqlLayout } from '../layout/sql-layout.js';
import type { TypeormTarget } from '../sql-storage.options.js';
import type { BetterSqlite3Driver } from '../sqlite/application-sqlite.handle.js';
import { SqliteEngine } from '../sqlite/sqlite.engine.js';
import { SqljsHandle, type SqljsDriver } from '../sqlite/sqljs.handle.js';
import {
  openApplicationSqlite,
  type ApplicationSqlite,
} from '../threads/open-application-sqlite.js';
import { missingPackageError } from '../../../support/optional-packages.js';
import { openError } from './failures.js';
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
        check: checkPostgres,
        disconnect,
      });
    default:
      return new PooledEngine(createRunner, {
        lock: mysqlLock(layout),
        isConflict: isMysqlConflict,
        check: checkMysql,
        disconnect,
      });
  }
}

/**
 * A data source, and the function that releases it: it closes the storage's own and leaves the
 * application's open.
 */
export interface OpenDataSource {
  readonly dataSource: DataSource;
  readonly close: () => Promise<void>;
}

const PACKAGES: Record<string, string> = {
  'better-sqlite3': 'better-sqlite3',
  sqljs: 'sql.js',
  postgres: 'pg',
  mysql: 'mysql2',
  mariadb: 'mysql2',
};

/**
 * Connects to the database, or returns the application's data source, which is initialized if it is
 * not yet.
 *
 * @throws {Error} if the driver is not installed or the database does not answer.
 */
export async function openDataSource(target: TypeormTarget): Promise<OpenDataSource> {
  if ('dataSource' in target) {
    const { dataSource } = target;
    if (!dataSource.isInitialized) await connect(dataSource, 'dataSource');
    return { dataSource, close: async () => {} };
  }
  const { options, shown } = target;
  const dataSource = createDataSource(await withDriver(options));
  await connect(dataSource, shown);
  return { dataSource, close: () => dataSource.destroy() };
}

function createDataSource(options: DataSourceOptions): DataSource {
  const entities = Array.isArray(options.entities) ? (options.entities as unknown[]) : [];
  try {
    return new DataSource({ ...options, entities: [...entities, ...usageEntities] } as never);
  } catch (error) {
    // A bundler may append a number to the class's name.
    if (!(error as Error).name.startsWith('DriverPackageNotInstalledError')) throw error;
    const owner = `SqlStorage: the database ${options.type}`;
    throw missingPackageError(owner, PACKAGES[options.type] ?? options.type, error);
  }
}

async function connect(dataSource: DataSource, shown: string): Promise<void> {
  try {
    await dataSource.initialize();
  } catch (error) {
    throw openError(shown, error);
  }
}

async function withDriver(options: DataSourceOptions): Promise<DataSourceOptions> {
  if ('driver' in options) return options;
  const driver = await loadDriver(options.type);
  return driver === undefined ? options : { ...options, driver };
}

/**
 * Loads a server's driver with a literal `import()`, which a bundler can resolve. TypeORM loads it
 * by a variable, which fails in a bundle.
 *
 * @returns undefined if the driver is not found from here: TypeORM then looks for it from its own
 * location.
 */
export async function loadDriver(type: string): Promise<unknown> {
  try {
    switch (type) {
      case 'postgres':
        // @ts-expect-error -- It brings no types.
        return defaultExport((await import('pg')) as { default: unknown });
      case 'mysql':
      case 'mariadb':
        return defaultExport(await import('mysql2'));
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}
