export type { NanoServer } from './connection/open-connection.js';
export { CouchDbStorage } from './couchdb.storage.js';
export type { CouchDbStorageOptions } from './couchdb-storage.options.js';
