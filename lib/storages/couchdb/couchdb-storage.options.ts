import type { StorageOptions } from '../contract/usage-storage.js';
import { isNanoServer, type NanoServer } from './connection/couch-database.js';
import { isHttpAddress, shownAddress } from '../../support/http-address.js';
import { optionErrorOf, TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/**
 * The options of `CouchDbStorage`: one of `url` and `server`. Without either, the address is
 * `http://127.0.0.1:5984`. The storage's own connection needs the package `nano`.
 *
 * Summaries are views over the records. Their keys are not capped, and `maxKeys` is not used.
 *
 * @publicApi
 */
export interface CouchDbStorageOptions extends StorageOptions {
  /**
   * Address of the server, without a database: `http://user:password@host:5984`.
   * @default 'http://127.0.0.1:5984'
   */
  url?: string;
  /**
   * A server of the application, as `nano(…)` returns it.
   * @default none
   */
  server?: NanoServer;
  /**
   * Name of the database. It is created if it is missing and the user has the right.
   * @default 'usage_records'
   */
  database?: string;
  /** @default that of `url`, or none */
  username?: string;
  /** @default that of `url`, or none */
  password?: string;
}

/** The database, on a server of the application or on one to connect to. */
export type CouchTarget = { readonly database: string } & (
  | { readonly server: NanoServer }
  | { readonly url: string; readonly username: string; readonly password: string }
);

const DATABASE = /^[a-z][a-z0-9_$()+/-]*$/;

/** @throws {TrackUsageOptionsError} if options contradict each other or one is invalid. */
export function couchTarget(given: CouchDbStorageOptions): CouchTarget {
  const { url, server, database = 'usage_records', username, password } = given;
  if ('database' in given && !(typeof given.database === 'string' && DATABASE.test(given.database)))
    throw optionError(
      'database',
      'a lower-case letter, then lower-case letters, digits and _$()+-/',
      given.database,
    );
  if ('server' in given && !isNanoServer(server))
    throw optionError('server', 'a server of nano', server);
  if ('url' in given && !isHttpAddress(url))
    throw optionError('url', 'http://host:5984', shownAddress(url));
  for (const [option, value] of Object.entries({ username, password }))
    if (value !== undefined && typeof value !== 'string')
      throw optionError(option, 'text', option === 'password' ? typeof value : value);
  if (server !== undefined) {
    const beside = (['url', 'username', 'password'] as const).filter((name) => given[name]);
    if (beside.length > 0)
      throw new TrackUsageOptionsError(
        'server',
        beside,
        'none of url, username, password beside it',
        { ...OWNER, given: beside.join(' and '), hint: 'The server has its own.' },
      );
    return { server, database };
  }
  const parsed = new URL(url ?? 'http://127.0.0.1:5984');
  if (parsed.pathname.replace(/\/$/, '') !== '' && 'url' in given && !('database' in given))
    throw new TrackUsageOptionsError('url', parsed.origin, 'the address of a server', {
      ...OWNER,
      given: 'one with a path',
      hint:
        `Name the database with the option database: { url: '${parsed.origin}', database: ` +
        `'${parsed.pathname.slice(1)}' }. If the server is under a path, give both.`,
    });
  const target = {
    username: username ?? decodeURIComponent(parsed.username),
    password: password ?? decodeURIComponent(parsed.password),
  };
  parsed.username = parsed.password = '';
  return { ...target, database, url: parsed.href };
}

const OWNER = { owner: 'CouchDbStorage' };
const optionError = optionErrorOf('CouchDbStorage');
