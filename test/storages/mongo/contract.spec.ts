import { MongoClient } from 'mongodb';
import { MongoPiggybackStorage, MongoStorage } from 'nestjs-track-usage/mongo';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { storageContract, type StorageSubject } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { formatContract } from '../format-contract.js';
import { dropPlace } from './places.js';

describeWithServer('MONGODB', 'MongoDB', (url) => {
  let client: MongoClient;
  beforeAll(async () => {
    client = await new MongoClient(url).connect();
  });
  afterAll(() => client.close());

  const subject = {
    shared: true,
    remove: (place: string) => dropPlace(client.db(), place),
  };
  const tools = { describe, it, afterEach };

  const ownConnection: StorageSubject = {
    ...subject,
    create: (place, options) =>
      new MongoStorage({
        ...options,
        uri: url,
        collection: place,
        summaryCollection: `${place}_s`,
      }),
  };
  storageContract(tools, 'MongoStorage', ownConnection);
  formatContract(tools, 'MongoStorage', ownConnection);

  const onCollection: StorageSubject = {
    ...subject,
    create: (place, options) =>
      new MongoPiggybackStorage({
        ...options,
        collection: client.db().collection(place),
        summaryCollection: `${place}_s`,
      }),
  };
  storageContract(tools, 'MongoPiggybackStorage', onCollection);
  formatContract(tools, 'MongoPiggybackStorage', onCollection);
});
