import type { DataSource, DataSourceOptions } from 'typeorm';
import type { StorageOptions } from '../contract/usage-storage.js';
import { shownValue } from '../../support/shown-value.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/**
 * The options of `SqlStorage`: which database, and the names of its tables. Give at most one of
 * `database`, `url`, `connection` and `dataSource`. Without any of them, the storage uses the
 * SQLite file `track-usage.sqlite`.
 *
 * @publicApi
 */
export interface SqlStorageOptions extends StorageOptions {
  /**
   * Path of an SQLite file, or `:memory:`. Needs the package `better-sqlite3`.
   * @default 'track-usage.sqlite'
   */
  database?: string;
  /**
   * Address of a server: `postgres://…` (needs `pg`), `mysql://…` or `mariadb://…` (both need
   * `mysql2`).
   * @default none
   */
  url?: string;
  /**
   * Settings of a connection of the storage's own, in TypeORM's form.
   * @default none
   */
  connection?: DataSourceOptions;
  /**
   * A data source of the application. The storage uses it and never closes it.
   * @default none
   */
  dataSource?: DataSource;
  /**
   * Name of the records' table.
   * @default 'usage_records', or as `UsageRecordEntity` is mapped in `dataSource`
   */
  recordTable?: string;
  /**
   * Name of the summaries' table.
   * @default 'usage_summaries', or as `UsageSummaryEntity` is mapped in `dataSource`
   */
  summaryTable?: string;
  /**
   * Schema of the tables (PostgreSQL), or database (MySQL, MariaDB). The storage creates it if it
   * is missing.
   * @default that of the connection
   */
  schema?: string;
  /**
   * On PostgreSQL, partitions the records' table by month or day (in UTC). Partitions are created
   * ahead of time, and `retention` and `prune` drop old ones as a whole. Choose it before the table
   * is created.
   * @default none
   */
  partitions?: 'month' | 'day';
  /**
   * Whether the storage migrates its tables at start. If false, run the exported `usageMigrations`
   * with the application's own.
   * @default true
   */
  runMigrations?: boolean;
}

/**
 * A database that TypeORM connects to: a data source of the application, or settings for a new one.
 */
export type TypeormTarget =
  | { readonly dataSource: DataSource }
  | {
      readonly options: DataSourceOptions;
      /** The database as messages name it, without its password. */
      readonly shown: string;
    };

/** An SQLite file of the storage's own, or `:memory:`. */
export interface SqliteTarget {
  readonly sqlite: string;
  /** The storage as messages name it. */
  readonly owner: 'SqlStorage' | 'SqliteStorage';
}

/** The database that a storage uses. */
export type SqlTarget = TypeormTarget | SqliteTarget;

const OWNER = { owner: 'SqlStorage' };
const CHOICES = ['database', 'url', 'connection', 'dataSource'] as const;
const PLAIN_OPTIONS = ['type', 'database', 'enableWAL', 'name'];
export const DEFAULT_DATABASE = 'track-usage.sqlite';

const EXPECTED_VALUES: Record<(typeof CHOICES)[number], string> = {
  database: "the path of an SQLite file, or ':memory:'",
  url: 'a URL such as postgres://user:password@host:5432/name',
  connection: "TypeORM's DataSourceOptions",
  dataSource: 'a DataSource of TypeORM',
};

/**
 * @throws {TrackUsageOptionsError} if more than one database is given, or a value of the wrong
 * kind.
 */
export function sqlTarget(given: SqlStorageOptions): SqlTarget {
  const choices = CHOICES.filter((choice) => choice in given);
  for (const choice of choices) checkChoice(choice, given[choice]);
  if (choices.length > 1)
    throw new TrackUsageOptionsError('', choices, `one of ${CHOICES.join(', ')}`, {
      ...OWNER,
      given: choices.join(' and '),
    });
  if (given.dataSource) return { dataSource: given.dataSource };
  if (given.connection) return connectionTarget(given.connection);
  if (given.url !== undefined) return urlTarget(given.url);
  return { sqlite: given.database ?? DEFAULT_DATABASE, owner: 'SqlStorage' };
}

// An SQLite file without further TypeORM options is opened without TypeORM.
function connectionTarget(options: DataSourceOptions): SqlTarget {
  const { type, database } = options;
  const isPlain = Object.keys(options).every((name) => PLAIN_OPTIONS.includes(name));
  if (type === 'better-sqlite3' && isPlain && typeof database === 'string' && database !== '')
    return { sqlite: database, owner: 'SqlStorage' };
  return { options, shown: type };
}

function checkChoice(choice: (typeof CHOICES)[number], value: unknown): void {
  const isText = choice === 'database' || choice === 'url';
  const right = isText
    ? typeof value === 'string' && value !== ''
    : typeof value === 'object' && value !== null;
  if (right) return;
  throw new TrackUsageOptionsError(choice, value, EXPECTED_VALUES[choice], OWNER);
}

function urlTarget(url: string): SqlTarget {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const scheme = parsed?.protocol.slice(0, -1);
  switch (scheme) {
    case 'postgres':
    case 'postgresql':
      return { options: { type: 'postgres', url }, shown: withoutPassword(url) };
    case 'mysql':
    case 'mariadb':
      return {
        options: { type: scheme, url, charset: 'utf8mb4', connectorPackage: 'mysql2' } as never,
        shown: withoutPassword(url),
      };
    default: {
      const shown = parsed ? withoutPassword(url) : 'something that is not a URL';
      const expected = 'postgres://…, mysql://… or mariadb://…';
      const hint = 'For an SQLite file there is the option database.';
      throw new TrackUsageOptionsError('url', shown, expected, { ...OWNER, hint });
    }
  }
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password) shown.password = '***';
  shown.search = '';
  return shown.href;
}

const NAME_OPTIONS = ['recordTable', 'summaryTable', 'schema'] as const;

/**
 * @throws {TrackUsageOptionsError} if a name is not a non-blank text without NUL characters, or
 * both tables have the same name.
 */
export function checkNames(options: SqlStorageOptions): void {
  for (const option of NAME_OPTIONS) {
    const name: unknown = options[option];
    if (name === undefined) continue;
    if (typeof name === 'string' && name.trim() !== '' && !name.includes('\0')) continue;
    const kind = option === 'schema' ? 'a schema' : 'a table';
    throw new TrackUsageOptionsError(option, name, `the name of ${kind}`, OWNER);
  }
  const { recordTable, summaryTable } = options;
  if (recordTable !== undefined && recordTable === summaryTable)
    throw new TrackUsageOptionsError(
      'summaryTable',
      summaryTable,
      'another table than recordTable',
      { ...OWNER, given: `${shownValue(summaryTable)} for both` },
    );
}
