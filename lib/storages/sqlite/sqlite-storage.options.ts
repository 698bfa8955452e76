import { resolve } from 'node:path';
import { DEFAULT_DATABASE } from '../sql/sql-storage.options.js';
import type { StorageOptions } from '../contract/usage-storage.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/**
 * The options of `SqliteStorage`.
 *
 * @publicApi
 */
export interface SqliteStorageOptions extends StorageOptions {
  /**
   * Path of an SQLite file, or `':memory:'`. The storage creates the file and its folder if they
   * are missing.
   * @default 'track-usage.sqlite'
   */
  database?: string;
}

/** The file that the options name; null: the database is in memory. */
export function sqliteFile({ database = DEFAULT_DATABASE }: SqliteStorageOptions): string | null {
  return database === ':memory:' ? null : resolve(database);
}

// Options that only `SqlStorage` has. They are rejected here instead of being ignored.
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

const OWNER = { owner: 'SqliteStorage' };

/**
 * @throws {TrackUsageOptionsError} if the options are not an object, `database` is not a non-empty
 * text, or an option belongs to `SqlStorage`.
 */
export function checkSqliteOptions(options: SqliteStorageOptions): void {
  if (typeof options !== 'object' || options === null)
    throw new TrackUsageOptionsError(
      '',
      options,
      "options such as { database: 'usage.sqlite' }",
      OWNER,
    );
  const foreign = OF_SQL_STORAGE.find((name) => name in options);
  if (foreign !== undefined)
    throw new TrackUsageOptionsError(
      foreign,
      foreign,
      'database, hooks and the options that every storage takes',
      {
        ...OWNER,
        given: foreign,
        hint: `${foreign} belongs to SqlStorage of nestjs-track-usage/sql.`,
      },
    );
  const { database } = options;
  if (!('database' in options) || (typeof database === 'string' && database !== '')) return;
  const expected = "the path of an SQLite file, or ':memory:'";
  throw new TrackUsageOptionsError('database', database, expected, OWNER);
}
