import { DataSource, type DataSourceOptions } from 'typeorm';
import { usageEntities } from '../entities/usage-entities.js';
import type { TypeormTarget } from '../sql-target.js';
import { loadDriver } from './load-driver.js';
import { missingDriver, openError } from './open-error.js';

/** A data source, and how the storage lets go of it. */
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
 * Connects, or takes the connection of the application.
 *
 * @throws if the driver is not installed or the database does not answer.
 */
export async function openDataSource(target: TypeormTarget): Promise<OpenDataSource> {
  if ('dataSource' in target) {
    const { dataSource } = target;
    if (!dataSource.isInitialized) await connected(dataSource, 'dataSource');
    return { dataSource, close: async () => {} };
  }
  const { options, shown } = target;
  const dataSource = created(await withDriver(options));
  await connected(dataSource, shown);
  return { dataSource, close: () => dataSource.destroy() };
}

function created(options: DataSourceOptions): DataSource {
  const entities = Array.isArray(options.entities) ? (options.entities as unknown[]) : [];
  try {
    return new DataSource({ ...options, entities: [...entities, ...usageEntities] } as never);
  } catch (error) {
    // A bundler may have numbered the name of its class.
    if (!(error as Error).name.startsWith('DriverPackageNotInstalledError')) throw error;
    throw missingDriver('SqlStorage', options.type, PACKAGES[options.type] ?? options.type, error);
  }
}

async function connected(dataSource: DataSource, shown: string): Promise<void> {
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
