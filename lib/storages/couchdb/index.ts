export type { NanoServer } from './connection/couch-server.js';
export { CouchDbStorage } from './couchdb.storage.js';
export type { CouchDbStorageOptions } from './couchdb-storage.options.js';
