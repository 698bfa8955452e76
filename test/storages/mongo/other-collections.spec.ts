import { MongoClient } from 'mongodb';
import { MongoPiggybackStorage, MongoStorage } from 'nestjs-track-usage/mongo';
import { expect, it } from 'vitest';
import { sumUrls } from 'nestjs-track-usage';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';

const context = contextOf([sumUrls], { maxKeys: 100 });

describeWithServer('MONGODB', 'What has the name of a collection of the storage', (url) => {
  it.each([
    ['a time-series collection', { timeseries: { timeField: 'date' } }],
    ['a view', { viewOn: 'anything', pipeline: [] }],
  ])('is refused at the start and left alone if it is %s', async (kind, options) => {
    const client = await new MongoClient(url).connect();
    const place = `kind${process.pid}`;
    const db = client.db();
    const names = { collection: place, summaryCollection: `${place}_s` };
    try {
      for (const [taken, option] of [
        [place, 'collection'],
        [`${place}_s`, 'summaryCollection'],
        [`${place}_s_state`, 'summaryCollection'],
      ] as const) {
        await db.createCollection(taken, options);
        const message = new RegExp(`${taken} is ${kind}, .*choose another ${option}`);
        const own = new MongoStorage({ uri: url, ...names, hooks: [sumUrls] });
        await expect(own.open(context)).rejects.toThrow(message);
        const piggyback = new MongoPiggybackStorage({
          collection: db.collection(place),
          summaryCollection: `${place}_s`,
          hooks: [sumUrls],
        });
        await expect(piggyback.open(context)).rejects.toThrow(message);
        const made = await db.listCollections({ name: new RegExp(`^${place}`) }).toArray();
        expect(made.map(({ name }) => name)).toEqual([taken]);
        await db.dropCollection(taken);
      }
    } finally {
      for (const name of [place, `${place}_s`, `${place}_s_state`])
        await db.dropCollection(name).catch(() => {});
      await client.close();
    }
  });
});
