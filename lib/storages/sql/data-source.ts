import { DataSource, type DataSourceOptions } from 'typeorm';
import { usageEntities } from './entities/usage-entities.js';
import type { SqlTarget } from './sql-target.js';

/** A data source, and how the storage lets go of it. */
export interface OpenDataSource {
  readonly dataSource: DataSource;
  close(): Promise<void>;
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
export async function openDataSource(target: SqlTarget): Promise<OpenDataSource> {
  if ('dataSource' in target) {
    const { dataSource } = target;
    if (!dataSource.isInitialized) await connected(dataSource, 'dataSource');
    return { dataSource, close: async () => {} };
  }
  const { options, shown } = target;
  const dataSource = created(options);
  await connected(dataSource, shown);
  return { dataSource, close: () => dataSource.destroy() };
}

function created(options: DataSourceOptions): DataSource {
  const entities = Array.isArray(options.entities) ? (options.entities as unknown[]) : [];
  try {
    return new DataSource({ ...options, entities: [...entities, ...usageEntities] } as never);
  } catch (error) {
    if ((error as Error).name !== 'DriverPackageNotInstalledError') throw error;
    const name = PACKAGES[options.type] ?? options.type;
    throw new Error(
      `SqlStorage: the database ${options.type} needs the package ${name}, which is not ` +
        `installed. Install it with: npm install ${name}`,
      { cause: error },
    );
  }
}

async function connected(dataSource: DataSource, shown: string): Promise<void> {
  try {
    await dataSource.initialize();
  } catch (error) {
    throw new Error(
      `SqlStorage: could not open the database (${shown}): ${reason(error)}. ` +
        'Check that the address is right, that the server runs and that it lets this user in.',
      { cause: error },
    );
  }
}

// A refused connection to a name with several addresses has its reasons inside.
function reason(error: unknown): string {
  const { message, errors, code } = error as AggregateError & { code?: string };
  return message || errors?.map((each: Error) => each.message).join('; ') || code || String(error);
}
