import { MongoClient } from 'mongodb';
import { StorageUnavailableError, sumStatuses } from 'nestjs-track-usage';
import { MongoStorage, type MongoStorageOptions } from 'nestjs-track-usage/mongo';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newPlace } from '../../faults/databases.js';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace } from './places.js';

interface Note {
  _id: string;
  kind: string;
  name: string;
  value: string;
}

describeWithServer('MONGODB', 'The format of what is in MongoDB', (url) => {
  let client: MongoClient;
  let place: string;
  const opened: MongoStorage[] = [];

  beforeEach(async () => {
    client = await new MongoClient(url).connect();
    place = newPlace();
  });
  afterEach(async () => {
    for (const storage of opened.splice(0)) await storage.close();
    await dropPlace(client.db(), place);
    await client.close();
  });

  const notes = () => client.db().collection<Note>(`${place}_s`);

  const opening = async (options: MongoStorageOptions = {}) => {
    const hooks = [sumStatuses];
    const names = { collection: place, summaryCollection: `${place}_s` };
    const storage = new MongoStorage({ uri: url, ...names, hooks, ...options });
    await storage.open(contextOf(hooks, { maxKeys: 1000 }));
    opened.push(storage);
    return storage;
  };

  it('is noted, with the oldest one whose code may write there', async () => {
    await opening();
    const found = await notes().find({ kind: 'format' }).sort({ name: 1 }).toArray();
    expect(found.map(({ name, value }) => [name, value])).toEqual([
      ['format', '2'],
      ['oldest', '1'],
    ]);
  });

  it('is left as a newer version has noted it, and only too new a one is refused', async () => {
    await opening();
    await notes().updateOne({ kind: 'format', name: 'format' }, { $set: { value: '9' } });
    await notes().updateOne({ kind: 'format', name: 'oldest' }, { $set: { value: '2' } });
    await opening();
    const newer = await notes().findOne({ kind: 'format', name: 'format' });
    expect(newer?.value).toBe('9');

    await notes().updateOne({ kind: 'format', name: 'oldest' }, { $set: { value: '3' } });
    await expect(opening()).rejects.toThrow(/newer version.*format 3 or newer/);
    const late = await opening({ lazyConnect: true });
    await expect(late.store([makeRecord()])).rejects.toBeInstanceOf(StorageUnavailableError);
  });
});
