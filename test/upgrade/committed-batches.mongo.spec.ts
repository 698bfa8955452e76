import { MongoClient } from 'mongodb';
import { sumStatuses, sumUrls } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterEach, expect, it } from 'vitest';
import { createStorage, mongodb, newPlace } from '../faults/databases.js';
import { describeWithServer } from '../support/servers.js';
import { contextOf } from '../support/storage-context.js';
import { ReleasedVersion } from './released-version.js';

const HOOKS = [sumUrls, sumStatuses];
const SETTINGS = { timeZone: 'UTC', maxKeys: 1000 };

describeWithServer('MONGODB', 'A batch that MongoDB has committed and not applied', (url) => {
  let place = '';
  let client: MongoClient;
  let released: ReleasedVersion;

  const opening = async () => {
    const storage = createStorage(mongodb.recipe(url, place), { hooks: HOOKS });
    await storage.open!(contextOf(HOOKS, SETTINGS));
    return storage;
  };
  const openReleased = () =>
    released.open(mongodb.recipe(url, place), { ...SETTINGS, hooks: ['sumUrls', 'sumStatuses'] });

  /** Has the server refuse each row of sums, or take them again. */
  const refuseRows = (isRefused: boolean) =>
    client.db().command({ collMod: `${place}_s`, validator: isRefused ? { none: 'there' } : {} });

  const states = async () => {
    const writers = client.db().collection<{ _id: string }>(`${place}_s_state`);
    return writers.distinct('state', { _id: { $gte: 'w:', $lt: 'w;' } });
  };

  const prepare = async () => {
    place = newPlace();
    client = await new MongoClient(url).connect();
    released = await ReleasedVersion.start('0.1.0');
  };

  afterEach(async () => {
    released.end();
    await client.close();
    await mongodb.remove(url, place);
  });

  it('is finished by this version where 0.1.0 has left it', async () => {
    await prepare();
    await openReleased();
    await refuseRows(true);
    await expect(released.store(makeRecords(30))).rejects.toThrow();
    expect(await states()).toEqual(['sealed']);
    released.end();
    await refuseRows(false);

    const storage = await opening();
    expect(await states()).toEqual(['idle']);
    const { month } = await storage.getSum!('status');
    expect(month.reduce((sum, { hits }) => sum + hits, 0)).toBe(30);
    expect(await storage.verifySummaries!()).toEqual([]);
    await storage.close!();
  });

  it('is finished by 0.1.0 where this version has left it', async () => {
    await prepare();
    const storage = await opening();
    await refuseRows(true);
    await expect(storage.store(makeRecords(30))).rejects.toThrow();
    expect(await states()).toEqual(['sealed']);
    await storage.close!();
    await refuseRows(false);

    await openReleased();
    expect(await states()).toEqual(['idle']);
    expect(await released.call('verifySummaries')).toEqual([]);
    const again = await opening();
    const { month } = await again.getSum!('status');
    expect(month.reduce((sum, { hits }) => sum + hits, 0)).toBe(30);
    expect(await again.verifySummaries!()).toEqual([]);
    await again.close!();
  });
});
