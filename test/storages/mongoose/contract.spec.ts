import mongoose, { type Connection } from 'mongoose';
import { MongooseStorage, usageModel, usageSchema } from 'nestjs-track-usage/mongoose';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { storageContract, type StorageSubject } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { formatContract } from '../format-contract.js';
import { dropPlace } from '../mongo/places.js';

describeWithServer('MONGODB', 'Mongoose', (url) => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await mongoose.createConnection(url).asPromise();
  });
  afterAll(() => connection.close());

  const tools = { describe, it, afterEach };
  const places = {
    shared: true,
    remove: async (place: string) => {
      connection.deleteModel(place);
      await dropPlace(connection.db as never, place);
    },
  };

  const ownSchema: StorageSubject = {
    ...places,
    create: (place, options) =>
      new MongooseStorage({
        ...options,
        model: connection.models[place] ?? connection.model(place, usageModel.schema, place),
        summaryCollection: `${place}_s`,
        apacheLog: true,
      }),
  };
  storageContract(tools, 'MongooseStorage', ownSchema);
  formatContract(tools, 'MongooseStorage', ownSchema);

  storageContract(tools, 'MongooseStorage with a schema that extends ours', {
    ...places,
    create: (place, options) =>
      new MongooseStorage({
        ...options,
        model:
          connection.models[place] ??
          connection.model(
            place,
            usageSchema.clone().add({ tenant: { type: String, default: 'acme' } }),
            place,
          ),
        summaryCollection: `${place}_s`,
      }),
  });
});
