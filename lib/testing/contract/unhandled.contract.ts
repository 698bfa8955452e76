import assert from 'node:assert/strict';
import type { UsageRecord } from '../../record/index.js';
import { sumRoutes, sumStatuses, sumUrls } from '../../summary/index.js';
import { makeRecord, makeRecords } from '../make-record.js';
import { KEYS, totalsOf } from './brute-force.js';
import type { FullStorage, Opening } from './opening.js';
import { randomNumbers } from './random-traffic.js';
import type { TestTools } from './subject.js';

const HOOKS = [sumUrls, sumStatuses, sumRoutes];
const PERIODS = ['hour', 'day', 'month'] as const;
const NOON = Date.UTC(2026, 2, 1, 12);

type It = TestTools['it'];

/** Tests how keys of requests without a handler are capped. */
export function unhandledContract(it: It, open: Opening): void {
  it('gives requests without a handler a tenth of the rows of a bucket', async () => {
    const storage = await open({ hooks: HOOKS, maxKeys: 50 });
    const flood = makeRecords(300, (index) => unhandled(`/strange/${index}`));
    const real = makeRecords(90, (index) => handled(`/real/${index % 30}`));
    const all = [...flood.slice(0, 250), ...real, ...flood.slice(250)];
    for (let at = 0; at < all.length; at += 40) await storage.store(all.slice(at, at + 40));
    await assertShares(storage, all, 5);
    for (const period of PERIODS) {
      const { [period]: urls } = await storage.getSum('url', { limit: 1000 });
      assert.equal(urls.length, 5 + 30 + 1);
      for (let index = 0; index < 30; index++)
        assert.equal(urls.find(({ key }) => key === urlOf(`/real/${index}`))?.hits, 3);
    }
    await assertExact(open, storage, all);

    const before = await storage.getSum('url', { limit: 1000 });
    await storage.rebuildSummaries();
    assert.deepStrictEqual(await storage.getSum('url', { limit: 1000 }), before);
    const more = makeRecords(60, (index) => unhandled(`/more/${index}`));
    await storage.store(more);
    await assertShares(storage, [...all, ...more], 5);
    await assertExact(open, storage, [...all, ...more]);
  });

  it('gives a key its row once a handler is reached, whoever asked for it before', async () => {
    const storage = await open({ hooks: [sumUrls], maxKeys: 20 });
    const flood = makeRecords(30, (index) => unhandled(`/strange/${index}`));
    const scanned = makeRecords(3, unhandled('/real'));
    await storage.store([...flood, ...scanned]);
    await storage.store(makeRecords(4, handled('/real')));
    await storage.store(makeRecords(2, unhandled('/real')));
    const { day } = await storage.getSum('url', { target: urlOf('/real') });
    // The first three may have got a row by their number of hits, or were folded into `(other)`.
    assert.ok(day[0]!.hits === 6 || day[0]!.hits === 9, `${day[0]?.hits} hits`);
    assert.deepStrictEqual(await storage.verifySummaries(), []);
    await storage.rebuildSummaries();
    assert.deepStrictEqual(await storage.verifySummaries(), []);
    assert.equal(hitsOf((await storage.getSum('url')).month), 39);
  });

  it('gives them one row at least', async () => {
    const storage = await open({ hooks: HOOKS, maxKeys: 4 });
    const all = [
      makeRecord(handled('/real')),
      ...makeRecords(5, (index) => unhandled(`/strange/${index % 2}`)),
    ];
    for (const record of all) await storage.store([record]);
    const { day } = await storage.getSum('url');
    assert.deepStrictEqual(
      day.map(({ key, hits }) => [key, hits]),
      [
        ['(other)', 2],
        [urlOf('/real'), 1],
        [urlOf('/strange/0'), 3],
      ],
    );
    await assertExact(open, storage, all);
  });

  it('agrees with the records however both kinds come and go', async () => {
    const random = randomNumbers(17);
    const storage = await open({ hooks: HOOKS, maxKeys: 12 });
    const all = makeRecords(150, () => {
      const path = `/${Math.floor(random() ** 2 * 30)}`;
      const fields = random() < 0.5 ? unhandled(path) : handled(path);
      return {
        ...fields,
        date: new Date(NOON + Math.floor(random() * 3) * 86_400_000),
        username: random() < 0.2 ? 'ada' : null,
        weight: random() < 0.2 ? 3 : 1,
      };
    });
    for (let at = 0; at < all.length; at += 30) {
      await storage.store(all.slice(at, at + 30));
      assert.deepStrictEqual(await storage.verifySummaries(), [], `after ${at + 30} records`);
    }
    await storage.rebuildSummaries();
    assert.deepStrictEqual(await storage.verifySummaries(), []);
    await storage.forget({ username: 'ada' });
    const left = all.filter(({ username }) => username === null);
    await assertExact(open, storage, left, ['status']);
  });
}

/** Tests the cap for storages that share their data. */
export function sharedUnhandledContract(it: It, open: Opening): void {
  it('gives them that tenth once, however many writers there are', async () => {
    const place = open.place();
    const options = { place, hooks: HOOKS, maxKeys: 40 };
    const storages = await Promise.all([1, 2, 3, 4].map(() => open(options)));
    const own = storages.map((_, writer) =>
      makeRecords(150, (index) =>
        index % 3 === 0 ? handled(`/real/${index % 15}`) : unhandled(`/${writer}/${index}`),
      ),
    );
    await Promise.all(
      storages.map(async (storage, writer) => {
        for (let at = 0; at < 150; at += 30) await storage.store(own[writer]!.slice(at, at + 30));
      }),
    );
    await assertShares(storages[1]!, own.flat(), 4);
    await assertExact(open, storages[2]!, own.flat());
  });

  it('keeps to the tenth where sums are made of records that came before', async () => {
    const place = open.place();
    const flood = makeRecords(100, (index) => unhandled(`/strange/${index}`));
    const real = makeRecords(20, (index) => handled(`/real/${index}`));
    await (await open({ place })).store([...flood.slice(0, 60), ...real]);
    const storage = await open({ place, hooks: HOOKS, maxKeys: 40 });
    await storage.rebuildSummaries();
    await storage.store(flood.slice(60));
    await assertShares(storage, [...flood, ...real], 4);
    await assertExact(open, storage, [...flood, ...real]);
  });
}

const urlOf = (path: string) => `http://shop.example${path}`;

function handled(path: string): Partial<UsageRecord> {
  return { date: new Date(NOON), url: urlOf(path) };
}

function unhandled(path: string): Partial<UsageRecord> {
  const nobody = { route: null, blueprint: null, handler: null, viewArgs: null };
  return { ...handled(path), ...nobody, status: 404 };
}

async function assertShares(
  storage: FullStorage,
  records: readonly UsageRecord[],
  most: number,
): Promise<void> {
  const urlsOf = (isHandled: boolean) =>
    new Set(
      records
        .filter(({ handler }) => (handler !== null) === isHandled)
        .map((record) => KEYS['url']!(record)!),
    );
  const real = urlsOf(true);
  const strangers = urlsOf(false);
  const sums = await storage.getSum('url', { limit: 10_000 });
  for (const period of PERIODS) {
    const keys = sums[period].map(({ key }) => key);
    assert.equal(keys.filter((key) => strangers.has(key) && !real.has(key)).length, most, period);
    for (const key of real) assert.ok(keys.includes(key), `${key} by ${period}`);
    assert.equal(hitsOf(sums[period]), hitsOf(records.map(({ weight }) => ({ hits: weight }))));
  }
}

async function assertExact(
  open: Opening,
  storage: FullStorage,
  records: readonly UsageRecord[],
  dimensions: readonly string[] = ['status', 'route'],
): Promise<void> {
  for (const dimension of dimensions) {
    const sums = await storage.getSum(dimension, { limit: 10_000 });
    for (const period of PERIODS)
      assert.deepStrictEqual(
        totalsOf(sums[period]),
        open.totals(records, KEYS[dimension]!, period),
        `${dimension} by ${period}`,
      );
  }
  assert.deepStrictEqual(await storage.verifySummaries(), []);
}

function hitsOf(sums: readonly { hits: number }[]): number {
  return sums.reduce((sum, { hits }) => sum + hits, 0);
}
