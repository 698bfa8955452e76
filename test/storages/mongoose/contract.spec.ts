import mongoose, { type Connection } from 'mongoose';
import { MongooseStorage, usageModel, usageSchema } from 'nestjs-track-usage/mongoose';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { storageContract } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { dropPlace } from '../mongo/places.js';

describeWithServer('MONGODB', 'Mongoose', (url) => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await mongoose.createConnection(url).asPromise();
  });
  afterAll(() => connection.close());

  storageContract({ describe, it, afterEach }, 'MongooseStorage', {
    shared: true,
    remove: async (place) => {
      connection.deleteModel(place);
      await dropPlace(connection.db as never, place);
    },
    create: (place, options) =>
      new MongooseStorage({
        ...options,
        model: connection.models[place] ?? connection.model(place, usageModel.schema, place),
        summaryCollection: `${place}_s`,
        apacheLog: true,
      }),
  });

  storageContract({ describe, it, afterEach }, 'MongooseStorage with a schema that extends ours', {
    shared: true,
    remove: async (place) => {
      connection.deleteModel(place);
      await dropPlace(connection.db as never, place);
    },
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
