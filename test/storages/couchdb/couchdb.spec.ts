import { CouchDbStorage } from 'nestjs-track-usage/couchdb';
import { afterEach, describe, it } from 'vitest';
import { storageContract } from '../../contract/storage-contract.js';
import { describeWithServer } from '../../support/servers.js';
import { couch } from './places.js';

const tools = { describe, it, afterEach };

describeWithServer('COUCHDB', 'CouchDbStorage', (url) => {
  storageContract(tools, 'on a connection of its own', {
    shared: true,
    uncapped: true,
    create: (database, options) => new CouchDbStorage({ ...options, url, database }),
    remove: async (place) => void (await couch(url, 'DELETE', `/${place}`)),
  });
});
