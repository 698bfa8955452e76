import {
  sumBasic,
  sumRoutes,
  sumStatuses,
  type UsageRecord,
  type UsageStorage,
  type UsageSum,
} from 'nestjs-track-usage';
import { afterEach, describe, expect, it } from 'vitest';
import {
  bruteForce,
  KEYS,
  totalsOf,
  unmeasured,
  randomNumbers,
  randomTraffic,
} from '../support/contract-parts.js';
import { makeRecords } from 'nestjs-track-usage/testing';
import {
  createStorage,
  newPlace,
  releasedDatabases,
  type StorageRecipe,
} from '../faults/databases.js';
import { describeDatabases } from '../faults/with-databases.js';
import { contextOf } from '../support/storage-context.js';
import { ReleasedVersion } from './released-version.js';

const HOOKS = { sumBasic, sumRoutes, sumStatuses };
const DIMENSIONS = ['url', 'remote', 'userAgent', 'language', 'server', 'route', 'status'];
const PERIODS = ['hour', 'day', 'month'] as const;
const SETTINGS = { timeZone: 'Europe/Berlin', maxKeys: 1000 };
/** Of the zone above, in the weeks of the traffic. */
const OFFSET_MS = 3_600_000;

async function openToday(recipe: StorageRecipe): Promise<Required<UsageStorage>> {
  const hooks = Object.values(HOOKS);
  const storage = createStorage(recipe, { hooks });
  await storage.open!(contextOf(hooks, SETTINGS));
  return storage as Required<UsageStorage>;
}

/** Who has counted records: version 0.1.0, or one of the two. All others are today's. */
interface Counted {
  readonly released?: readonly UsageRecord[];
  readonly either?: readonly UsageRecord[];
}

async function assertHolds(
  storage: Required<UsageStorage>,
  records: readonly UsageRecord[],
  counted: Counted = {},
): Promise<void> {
  const found = [];
  for await (const record of storage.streamUsage()) found.push(record);
  expect(sorted(found)).toEqual(sorted(records));
  for (const dimension of DIMENSIONS) {
    const sums = await storage.getSum(dimension, { limit: 10_000 });
    for (const period of PERIODS) assertTotals(sums[period], records, dimension, period, counted);
  }
  expect(await storage.verifySummaries()).toEqual([]);
}

/** Rows in which version 0.1.0 has counted do not tell what it does not know, and all others do. */
function assertTotals(
  sums: readonly UsageSum[],
  records: readonly UsageRecord[],
  dimension: string,
  period: (typeof PERIODS)[number],
  { released = [], either = [] }: Counted = {},
): void {
  const count = (some: readonly UsageRecord[]) =>
    bruteForce(some, KEYS[dimension]!, period, OFFSET_MS);
  const namesOf = (some: readonly UsageRecord[]) =>
    new Set(count(some).map(({ date, key }) => `${date} ${key}`));
  const [certain, possible] = [namesOf(released), namesOf(either)];
  const given = totalsOf(sums);
  const expected = count(records).map((row, index) => {
    const name = `${row.date} ${row.key}`;
    const isUnknown = possible.has(name) && given[index]?.refused === null;
    return certain.has(name) || isUnknown ? unmeasured([row])[0]! : row;
  });
  expect(given).toEqual(expected);
}

function sorted(records: readonly UsageRecord[]): UsageRecord[] {
  return [...records].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Traffic of which some is Ada's. */
function traffic(count: number, seed: number): UsageRecord[] {
  return randomTraffic(count, randomNumbers(seed)).map((record, index) => ({
    ...record,
    username: index % 10 === 0 ? 'ada' : null,
  }));
}

// Two versions, each with all its sums, on the slowest of servers.
describe('What version 0.1.0 has stored', { timeout: 300_000 }, () => {
  describeDatabases(releasedDatabases, (database, url) => {
    const places: string[] = [];
    let released: ReleasedVersion | null = null;
    const opened: UsageStorage[] = [];

    async function prepare() {
      const place = newPlace();
      places.push(place);
      const recipe = database.recipe(url, place);
      released = await ReleasedVersion.start('0.1.0');
      const openReleased = () => released!.open(recipe, { ...SETTINGS, hooks: Object.keys(HOOKS) });
      await openReleased();
      const open = async () => {
        const storage = await openToday(recipe);
        opened.push(storage);
        return storage;
      };
      return { released, openReleased, open };
    }

    afterEach(async () => {
      released?.end();
      for (const storage of opened.splice(0)) await storage.close!();
      for (const place of places.splice(0)) await database.remove(url, place);
    });

    it('is read, summed, added to, verified, pruned and forgotten', async () => {
      const { released, open } = await prepare();
      const [old, added] = [traffic(200, 1), traffic(60, 2)];
      await released.store(old.slice(0, 120));
      await released.store(old.slice(120));
      await released.close();

      const storage = await open();
      await assertHolds(storage, old, { released: old });
      await storage.store([...old.slice(0, 30), ...added]);
      const all = [...old, ...added];
      await assertHolds(storage, all, { released: old });
      await storage.rebuildSummaries();
      await assertHolds(storage, all);

      expect(await storage.forget({ username: 'ada' })).toBe(26);
      const others = all.filter(({ username }) => username !== 'ada');
      await assertHolds(storage, others);

      const [middle] = sorted(others).slice(others.length / 2);
      const { records } = await storage.prune({ records: middle!.date, hour: middle!.date });
      const left = others.filter(({ date }) => date >= middle!.date);
      expect(records).toBe(others.length - left.length);
      expect(await storage.countUsage()).toBe(left.length);
      const { month } = await storage.getSum('status');
      assertTotals(month, others, 'status', 'month');
      expect(await storage.verifySummaries()).toEqual([]);
    });

    it('goes on growing by both versions at once, and by 0.1.0 after a roll back', async () => {
      const { released, openReleased, open } = await prepare();
      const batches = Array.from({ length: 6 }, (_, index) => traffic(50, 10 + index));
      await released.store(batches[0]!);

      const storage = await open();
      await Promise.all([released.store(batches[1]!), storage.store(batches[2]!)]);
      // Either has stored the other's already.
      await Promise.all([released.store(batches[2]!), storage.store(batches[1]!)]);
      await assertHolds(storage, batches.slice(0, 3).flat(), {
        released: batches[0]!,
        either: batches.slice(1, 3).flat(),
      });

      await released.close();
      await storage.store(batches[3]!);
      await openReleased();
      await Promise.all([released.store(batches[4]!), storage.store(batches[4]!)]);
      await released.store(batches[5]!);
      await assertHolds(storage, batches.flat(), {
        released: [...batches[0]!, ...batches[5]!],
        either: [1, 2, 4].flatMap((index) => batches[index]!),
      });
      expect(await released.call('verifySummaries')).toEqual([]);
    });

    it('stays right where both are asked for what is not there, and 0.1.0 sums up anew', async () => {
      const { released, open } = await prepare();
      const date = new Date(Date.UTC(2026, 2, 1, 12));
      const strange = (from: number, count: number) =>
        makeRecords(count, (index) => ({
          date,
          url: `http://shop.example/strange/${from + index}`,
          ...{ status: 404, route: null, blueprint: null, handler: null, viewArgs: null },
        }));
      const storage = await open();
      // The hundred rows that they may have are taken; the last ones have none.
      const [first, second] = [strange(0, 130), strange(100, 50)];
      const real = makeRecords(5, { date, url: 'http://shop.example/strange/125' });
      await storage.store(first);
      await Promise.all([released.store(second), storage.store(real)]);
      const all = [...first, ...second, ...real];
      const assertRight = async () => {
        const { day } = await storage.getSum('url', { limit: 1000 });
        expect(day.reduce((sum, { hits }) => sum + hits, 0)).toBe(all.length);
        const { month } = await storage.getSum('status');
        assertTotals(month, all, 'status', 'month', { either: all });
        expect(await storage.verifySummaries()).toEqual([]);
      };
      await assertRight();
      await released.call('rebuildSummaries');
      await assertRight();
      await released.call('prune', { hour: new Date(Date.UTC(2026, 2, 2)) });
      all.push(...strange(500, 20));
      await storage.store(all.slice(-20));
      await assertRight();
    });
  });
});
