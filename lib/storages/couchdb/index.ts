/**
 * Storage in CouchDB.
 *
 * @module nestjs-track-usage/couchdb
 */
export type { NanoServer } from './connection/couch-database.js';
export { CouchDbStorage } from './couchdb.storage.js';
export type { CouchDbStorageOptions } from './couchdb-storage.options.js';
