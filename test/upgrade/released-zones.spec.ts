import { sumStatuses, sumUrls, type UsageRecord, type UsageStorage } from 'nestjs-track-usage';
import { makeRecords } from 'nestjs-track-usage/testing';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createStorage,
  newPlace,
  releasedDatabases,
  type StorageRecipe,
} from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import { contextOf } from '../support/storage-context.js';
import { ReleasedVersion } from './released-version.js';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 28, 3, 10);
const HOOKS = ['sumUrls', 'sumStatuses'];
const PERIODS = ['hour', 'day', 'month'] as const;

/** Records of a week, two hours apart. */
function traffic(count: number, from = 0): UsageRecord[] {
  return makeRecords(count, (index) => ({
    date: new Date(START + (from + index) * 2 * HOUR),
    url: `http://shop.example/${index % 3}`,
  }));
}

async function assertCounts(storage: UsageStorage, count: number): Promise<void> {
  const sums = await storage.getSum!('url', { limit: 1000 });
  for (const period of PERIODS)
    expect(sums[period].reduce((sum, { hits }) => sum + hits, 0)).toBe(count);
  expect(await storage.verifySummaries!()).toEqual([]);
}

describe('What version 0.1.0 has summed up, which notes no time zone', () => {
  describeDatabases(releasedDatabases, (database, url) => {
    const places: string[] = [];
    const opened: UsageStorage[] = [];
    let released: ReleasedVersion | null = null;

    afterEach(async () => {
      released?.end();
      for (const storage of opened.splice(0)) await storage.close!();
      for (const place of places.splice(0)) await database.remove(url, place);
    });

    async function prepare() {
      const place = newPlace();
      places.push(place);
      const recipe: StorageRecipe = database.recipe(url, place);
      const version = (released = await ReleasedVersion.start('0.1.0'));
      const openReleased = (timeZone: string) =>
        version.open(recipe, { timeZone, maxKeys: 1000, hooks: HOOKS });
      const open = async (timeZone: string, onTimeZoneChange?: 'rebuild') => {
        const hooks = [sumUrls, sumStatuses];
        const storage = createStorage(recipe, { hooks });
        await storage.open!(contextOf(hooks, { timeZone, onTimeZoneChange, maxKeys: 1000 }));
        opened.push(storage);
        return storage;
      };
      return { released: version, openReleased, open };
    }

    it('tells its zone by its buckets, goes on in it, and is cut anew where that is asked for', async () => {
      const { released, openReleased, open } = await prepare();
      await openReleased('Asia/Tokyo');
      await released.store(traffic(80));
      await released.call('prune', { records: new Date(START + 40 * 2 * HOUR) });
      await released.close();

      await expect(open('UTC')).rejects.toThrow(/'UTC'.*'Asia\/Tokyo'.*onTimeZoneChange/);
      const storage = await open('Asia/Tokyo');
      await assertCounts(storage, 80);
      // From now on it is noted, and 0.1.0 may go on beside, or start again.
      await openReleased('Asia/Tokyo');
      await released.store(traffic(5, 80));
      await released.close();
      await assertCounts(storage, 85);
      await expect(open('Europe/Berlin')).rejects.toThrow(/'Europe\/Berlin'.*'Asia\/Tokyo'/);

      const anew = await open('Asia/Kolkata', 'rebuild');
      await assertCounts(anew, 85);
      await openReleased('Asia/Kolkata');
      await released.store(traffic(5, 85));
      expect(await released.call('verifySummaries')).toEqual([]);
      await assertCounts(anew, 90);
    });

    it('is put right where 0.1.0 was given another zone, and has counted records twice', async () => {
      const { released, openReleased, open } = await prepare();
      await openReleased('UTC');
      await released.store(traffic(80));
      await released.call('prune', { records: new Date(START + 40 * 2 * HOUR) });
      await released.close();
      await openReleased('Asia/Tokyo');
      await released.call('rebuildSummaries');
      await released.close();

      const storage = await open('Asia/Tokyo', 'rebuild');
      await assertCounts(storage, 80);
    });
  });
});
