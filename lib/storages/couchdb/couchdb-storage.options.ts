import type { StorageOptions } from '../contract/storage-options.js';
import type { NanoServer } from './connection/open-connection.js';

/**
 * Which CouchDB. One of `url` and `server`; none of them means `http://127.0.0.1:5984`. A
 * connection of the storage's own needs the package `nano`.
 *
 * Summaries are views over the records: there is no cap on their keys, and `maxKeys` is not used.
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
   * A server of the application, as `nano(…)` makes it.
   * @default none
   */
  server?: NanoServer;
  /**
   * Name of the database; made if it is not there and the user may.
   * @default 'usage_records'
   */
  database?: string;
  /** @default that of `url`, or none */
  username?: string;
  /** @default that of `url`, or none */
  password?: string;
}
