import { CouchDbStorage } from 'nestjs-track-usage/couchdb';
import { afterEach, describe, it } from 'vitest';
import { storageContract, type StorageSubject } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { formatContract } from '../format-contract.js';
import { couch } from './places.js';

// The server of the tests takes some milliseconds a record to build the views.
const TIMEOUT = 120_000;
const tools = {
  describe,
  it: (name: string, test: () => Promise<void>) => it(name, { timeout: TIMEOUT }, test),
  afterEach,
};

describeWithServer('COUCHDB', 'CouchDB', (url) => {
  const subject: StorageSubject = {
    shared: true,
    uncapped: true,
    create: (database, options) => new CouchDbStorage({ ...options, url, database }),
    remove: async (place) => void (await couch(url, 'DELETE', `/${place}`)),
  };
  storageContract(tools, 'CouchDbStorage', subject);
  formatContract(tools, 'CouchDbStorage', subject);
});
