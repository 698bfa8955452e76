import { checkHttpOptions, credentialsOf } from '../base/http-options.js';
import type { StorageOptions } from '../contract/usage-storage.js';
import { isNanoServer, type NanoServer } from './connection/couch-database.js';
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
  /**
   * User name.
   * @default that of `url`, or none
   */
  username?: string;
  /**
   * Password.
   * @default that of `url`, or none
   */
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
  const { url, server, database = 'usage_records' } = given;
  if ('database' in given && !(typeof given.database === 'string' && DATABASE.test(given.database)))
    throw optionError(
      'database',
      'a lower-case letter, then lower-case letters, digits and _$()+-/',
      given.database,
    );
  checkHttpOptions(OWNER, given, SERVER, 'http://host:5984');
  if (server !== undefined) return { server, database };
  const parsed = new URL(url ?? 'http://127.0.0.1:5984');
  if (parsed.pathname.replace(/\/$/, '') !== '' && 'url' in given && !('database' in given))
    throw new TrackUsageOptionsError('url', parsed.origin, 'the address of a server', {
      owner: OWNER,
      given: 'one with a path',
      hint:
        `Name the database with the option database: { url: '${parsed.origin}', database: ` +
        `'${parsed.pathname.slice(1)}' }. If the server is under a path, give both.`,
    });
  const target = credentialsOf(given, parsed);
  parsed.username = parsed.password = '';
  return { ...target, database, url: parsed.href };
}

const OWNER = 'CouchDbStorage';
const SERVER = { name: 'server', expected: 'a server of nano', accepts: isNanoServer } as const;
const optionError = optionErrorOf(OWNER);
