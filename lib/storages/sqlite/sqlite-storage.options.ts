import { inspect } from 'node:util';
import type { StorageOptions } from '../contract/storage-options.js';

/**
 * What `SqliteStorage` takes.
 *
 * @publicApi
 */
export interface SqliteStorageOptions extends StorageOptions {
  /**
   * Path of an SQLite file, or `':memory:'`. The file and its folder are made where they are not
   * there.
   * @default 'track-usage.sqlite'
   */
  database?: string;
}

// What only the other storage on SQLite takes.
const OF_SQL_STORAGE = [
  'url',
  'connection',
  'dataSource',
  'recordTable',
  'summaryTable',
  'schema',
  'partitions',
  'runMigrations',
];

/** @throws {TypeError} for what does not name a file, and for options of `SqlStorage`. */
export function checkSqliteOptions(options: SqliteStorageOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(
      `SqliteStorage: expected options such as { database: 'usage.sqlite' }, but got ${inspect(options)}.`,
    );
  const foreign = OF_SQL_STORAGE.find((name) => name in options);
  if (foreign !== undefined)
    throw new TypeError(
      `SqliteStorage: ${foreign}: expected database, hooks and the options that every storage ` +
        `takes. ${foreign} belongs to SqlStorage of nestjs-track-usage/sql.`,
    );
  const { database } = options;
  if (!('database' in options) || (typeof database === 'string' && database !== '')) return;
  const hint = database === undefined ? ' Is an environment variable missing?' : '';
  throw new TypeError(
    `SqliteStorage: database: expected the path of an SQLite file, or ':memory:', ` +
      `but got ${inspect(database)}.${hint}`,
  );
}
