import type { StorageOptions } from '../contract/usage-storage.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

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

const OWNER = { owner: 'SqliteStorage' };

/** @throws {TrackUsageOptionsError} for what does not name a file, and for options of `SqlStorage`. */
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
