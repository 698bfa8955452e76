import { DataSource, type DataSourceOptions } from 'typeorm';
import { defaultExport, missingPackageError } from '../../../support/optional-packages.js';
import { usageEntities } from '../entities/usage-entities.js';
import type { TypeormTarget } from '../sql-storage.options.js';
import { openError } from './failures.js';

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
async function loadDriver(type: string): Promise<unknown> {
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
