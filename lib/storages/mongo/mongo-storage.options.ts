import {
  checkCollectionName,
  checkUsageOptions,
  type MongoUsageOptions,
} from './mongo-usage-storage.options.js';
import { optionErrorOf, TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/**
 * The options of `MongoStorage`: the server, as `uri` or as `host` with its other options, and the
 * names of the database and the collections.
 *
 * @publicApi
 */
export interface MongoStorageOptions extends MongoUsageOptions {
  /**
   * Address of the server: `mongodb://…` or `mongodb+srv://…`.
   * @default none
   */
  uri?: string;
  /**
   * Host name or IP address of the server, instead of `uri`.
   * @default none
   */
  host?: string;
  /**
   * Port of the server, beside `host`.
   * @default 27017
   */
  port?: number;
  /**
   * User name, beside `host`. Needs `password`.
   * @default none
   */
  username?: string;
  /**
   * Password. Needs `username`.
   * @default none
   */
  password?: string;
  /**
   * Name of the database.
   * @default that of `uri`, else 'track_usage'
   */
  database?: string;
  /**
   * Name of the collection of records.
   * @default 'usage_records'
   */
  collection?: string;
  /**
   * Name of the site, in a collection that holds records of several sites, such as those of
   * `MongooseStorage`. Records are stored with this name, and only records with it are read, summed
   * up and deleted.
   * @default none: the collection holds records of one application
   */
  website?: string;
  /**
   * Whether the application starts without waiting for the server. Records wait until the server
   * answers.
   * @default false
   */
  lazyConnect?: boolean;
}

/** The server and the database to connect to. */
export interface MongoTarget {
  readonly uri: string;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  /** Null: the database that the URI names. */
  readonly database: string | null;
  /** The URI in messages, without its password. */
  readonly shown: string;
}

const WITH_HOST = ['port', 'username', 'password'] as const;

/**
 * @throws {TrackUsageOptionsError} if the options name no server or two, or an option is invalid.
 */
export function mongoTarget(options: MongoStorageOptions): MongoTarget {
  checkUsageOptions('MongoStorage', options);
  checkCollectionName('MongoStorage', 'collection', options.collection);
  const { lazyConnect } = options;
  if (lazyConnect !== undefined && typeof lazyConnect !== 'boolean')
    throw optionError('lazyConnect', 'true or false', lazyConnect);
  if ('website' in options) checkText('website', 'the name of a site', options.website);
  if ('database' in options) checkText('database', 'the name of a database', options.database);
  const database = options.database ?? null;
  if (database !== null && /[/\\. "$\0]/.test(database))
    throw optionError('database', 'the name of a database', database);
  if ('uri' in options && 'host' in options)
    throw new TrackUsageOptionsError('', 'both', 'one of uri and host', {
      ...OWNER,
      given: 'both',
    });
  if ('uri' in options) {
    const both = WITH_HOST.filter((option) => option in options);
    if (both.length > 0)
      throw new TrackUsageOptionsError('uri', both, `none of ${WITH_HOST.join(', ')} beside it`, {
        ...OWNER,
        given: both.join(', '),
        hint: `${both.join(', ')} belong to host; with uri they are part of it.`,
      });
    return { ...uriTarget(options.uri), database };
  }
  if ('host' in options) return { ...hostTarget(options), database };
  const expected = "uri, such as 'mongodb://localhost:27017/shop', or host";
  throw new TrackUsageOptionsError('', 'neither', expected, { ...OWNER, given: 'neither' });
}

function uriTarget(uri: unknown): Omit<MongoTarget, 'database'> {
  checkText('uri', "a URI such as 'mongodb://user:password@host:27017/name'", uri);
  if (!/^mongodb(\+srv)?:\/\/[^/?]/.test(uri))
    throw optionError('uri', 'mongodb://… or mongodb+srv://…', withoutPassword(uri));
  return { uri, credentials: null, shown: withoutPassword(uri) };
}

function hostTarget(options: MongoStorageOptions): Omit<MongoTarget, 'database'> {
  const { host, port = 27017, username, password } = options;
  checkText('host', 'the name or address of a server', host);
  if (!/^[\w.:[\]-]+$/.test(host))
    throw optionError('host', 'the name or address of a server', host);
  if ('port' in options && !(Number.isInteger(options.port) && port >= 1 && port <= 65_535))
    throw optionError('port', 'a whole number from 1 to 65535', options.port);
  if ('username' in options !== 'password' in options)
    throw new TrackUsageOptionsError('', 'one of them', 'username and password', {
      ...OWNER,
      given: `only ${'username' in options ? 'username' : 'password'}`,
    });
  if ('username' in options) checkText('username', 'text', username);
  if ('password' in options && (typeof password !== 'string' || password === ''))
    throw optionError('password', 'text', password === undefined ? undefined : '***');
  const address = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const uri = `mongodb://${address}:${port}`;
  const credentials = username !== undefined ? { username, password: password! } : null;
  return { uri, credentials, shown: uri };
}

function checkText(option: string, expected: string, value: unknown): asserts value is string {
  if (typeof value !== 'string' || value === '') throw optionError(option, expected, value);
}

const OWNER = { owner: 'MongoStorage' };
const optionError = optionErrorOf('MongoStorage');

function withoutPassword(uri: string): string {
  return uri.replace(/^([a-z+]+:\/\/)[^@/]*@/i, '$1***@').replace(/\?.*$/s, '');
}
