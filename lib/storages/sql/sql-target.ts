import { inspect } from 'node:util';
import type { DataSource, DataSourceOptions } from 'typeorm';
import type { SqlStorageOptions } from './sql-storage.options.js';

/** A database that is reached by TypeORM: one of the application's, or one to connect to. */
export type TypeormTarget =
  | { readonly dataSource: DataSource }
  | {
      readonly options: DataSourceOptions;
      /** As messages name it, without its password. */
      readonly shown: string;
    };

/** An SQLite file of the storage's own, or `:memory:`. */
export interface SqliteTarget {
  readonly sqlite: string;
  /** The storage, as messages name it. */
  readonly owner: 'SqlStorage' | 'SqliteStorage';
}

/** Which database a storage is on. */
export type SqlTarget = TypeormTarget | SqliteTarget;

const CHOICES = ['database', 'url', 'connection', 'dataSource'] as const;
const PLAIN_OPTIONS = ['type', 'database', 'enableWAL', 'name'];
export const DEFAULT_DATABASE = 'track-usage.sqlite';

const EXPECTED: Record<(typeof CHOICES)[number], string> = {
  database: "the path of an SQLite file, or ':memory:'",
  url: 'a URL such as postgres://user:password@host:5432/name',
  connection: "TypeORM's DataSourceOptions",
  dataSource: 'a DataSource of TypeORM',
};

/** @throws if no database or more than one is given, or a value of the wrong kind. */
export function sqlTarget(given: SqlStorageOptions): SqlTarget {
  const choices = CHOICES.filter((choice) => choice in given);
  for (const choice of choices) checkChoice(choice, given[choice]);
  if (choices.length > 1)
    throw new TypeError(
      `SqlStorage: expected one of ${CHOICES.join(', ')}, but got ${choices.join(' and ')}.`,
    );
  if (given.dataSource) return { dataSource: given.dataSource };
  if (given.connection) return connectionTarget(given.connection);
  if (given.url !== undefined) return urlTarget(given.url);
  return { sqlite: given.database ?? DEFAULT_DATABASE, owner: 'SqlStorage' };
}

// A file that TypeORM is asked nothing special of needs no TypeORM.
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
  const hint = value === undefined ? ' Is an environment variable or a provider missing?' : '';
  throw new TypeError(
    `SqlStorage: ${choice}: expected ${EXPECTED[choice]}, but got ${inspect(value)}.${hint}`,
  );
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
    default:
      throw new TypeError(
        `SqlStorage: url: expected postgres://…, mysql://… or mariadb://…, but got ` +
          `${inspect(parsed ? withoutPassword(url) : 'something that is not a URL')}. ` +
          'For an SQLite file there is the option database.',
      );
  }
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password) shown.password = '***';
  shown.search = '';
  return shown.href;
}
