import { randomBytes } from 'node:crypto';
import { Collection, MongoClient, type Document } from 'mongodb';
import { sumStatuses, sumUrls, type UsageRecord } from 'nestjs-track-usage';
import { MongoPiggybackStorage } from 'nestjs-track-usage/mongo';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeRecords } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { contextOf, SILENT_LOGGER } from '../../support/storage-context.js';
import { dropPlace } from './places.js';

const HOOKS = [sumUrls, sumStatuses];
const DATE = new Date('2026-11-23T09:30:00Z');
// What became of a collection: as it is, from a dump that is older than the last batches, or gone.
const FATES = ['kept', 'older', 'lost'] as const;
type Fate = (typeof FATES)[number];
const COUNT = { kept: 20, older: 10, lost: 0 } as const;

const combinations = FATES.flatMap((records) =>
  FATES.flatMap((sums) => FATES.map((state) => ({ records, sums, state }))),
).filter((fates) => Object.values(fates).some((fate) => fate !== 'kept'));

describeWithServer('MONGODB', 'With collections that were lost or restored alone', (url) => {
  let client: MongoClient;
  let place: string;
  let warnings: string[];
  const opened: MongoPiggybackStorage[] = [];

  beforeAll(async () => {
    client = await new MongoClient(url).connect();
  });
  beforeEach(() => {
    place = `l${randomBytes(6).toString('hex')}`;
    warnings = [];
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const storage of opened.splice(0)) await storage.close();
    await dropPlace(client.db(), place);
  });
  afterAll(() => client.close());

  const open = async (maxKeys = 1000) => {
    const storage = new MongoPiggybackStorage({
      db: client.db(),
      collectionName: place,
      summaryCollection: `${place}_s`,
      hooks: HOOKS,
    });
    opened.push(storage);
    await storage.open(
      contextOf(HOOKS, {
        logger: { ...SILENT_LOGGER, warn: (line: string) => void warnings.push(line) },
        maxKeys,
      }),
    );
    return storage;
  };
  const traffic = (count: number) =>
    makeRecords(count, (index) => ({
      date: new Date(DATE.getTime() + index * 1000),
      status: 200 + (index % 3),
      url: `http://shop.example/cats/${index % 4}`,
    }));
  const names = () => ({ records: place, sums: `${place}_s`, state: `${place}_s_state` });
  const all = (name: string) => client.db().collection(name).find().toArray();
  const replace = async (name: string, documents: readonly Document[]) => {
    await client.db().collection(name).deleteMany({});
    if (documents.length > 0)
      await client
        .db()
        .collection(name)
        .insertMany([...documents]);
  };
  const hitsOf = async (storage: MongoPiggybackStorage) => {
    const sums = await storage.getSum('status');
    const [hour, day, month] = [sums.hour, sums.day, sums.month].map((list) =>
      list.reduce((total, { hits }) => total + hits, 0),
    );
    expect([day, month]).toEqual([hour, hour]);
    return hour!;
  };
  const storeInTurn = async (storage: MongoPiggybackStorage, records: readonly UsageRecord[]) => {
    for (let at = 0; at < records.length; at += 5) await storage.store(records.slice(at, at + 5));
  };
  const expectRight = async (storage: MongoPiggybackStorage, count: number) => {
    expect(await storage.countUsage()).toBe(count);
    expect(await hitsOf(storage)).toBe(count);
    expect(await storage.verifySummaries()).toEqual([]);
  };

  /** Version 0.1.0 numbered the batches of each writer from 1 on. */
  const asVersion010 = async () => {
    const writers = await client.db().collection(names().state).find({ _id: /^w:/ }).toArray();
    const batches = await client.db().collection(place).distinct('batch');
    const numberOf = new Map(batches.sort().map((batch: string, at) => [batch, at + 1]));
    for (const [batch, number] of numberOf)
      await client
        .db()
        .collection(place)
        .updateMany({ batch }, { $set: { batch: `1:${number}` } });
    for (const { _id } of writers)
      await client
        .db()
        .collection(names().state)
        .updateOne({ _id }, { $set: { seq: batches.length } });
    await client
      .db()
      .collection(names().sums)
      .updateMany({ 'seen.1': { $exists: true } }, { $set: { 'seen.1': batches.length } });
  };

  describe.each([
    ['today', async () => {}],
    ['version 0.1.0', asVersion010],
  ] as const)('of %s', (_, age) => {
    it.each(combinations)(
      'counts on, sees what is wrong, and mends it: records $records, sums $sums, state $state',
      async ({ records, sums, state }) => {
        const fates: Record<'records' | 'sums' | 'state', Fate> = { records, sums, state };
        const before = await open();
        const [first, second, third] = [traffic(10), traffic(10), traffic(14)];
        await storeInTurn(before, first);
        await age();
        const dump = { records: [] as Document[], sums: [] as Document[], state: [] as Document[] };
        for (const part of ['records', 'sums', 'state'] as const)
          dump[part] = await all(names()[part]);
        await storeInTurn(before, second);
        await before.close();
        await age();
        for (const part of ['records', 'sums', 'state'] as const)
          if (fates[part] !== 'kept')
            await replace(names()[part], fates[part] === 'older' ? dump[part] : []);

        const after = await open();
        await storeInTurn(after, third);
        // What is new is counted, whatever is known of what was before.
        expect(await after.countUsage()).toBe(COUNT[records] + 14);
        expect(await hitsOf(after)).toBe(COUNT[sums] + 14);
        expect((await after.verifySummaries()).length > 0).toBe(COUNT[records] !== COUNT[sums]);
        expect(warnings.filter((line) => line.includes('rebuildSummaries()'))).toHaveLength(
          state === 'lost' && sums !== 'lost' ? 1 : 0,
        );
        await after.rebuildSummaries();
        await expectRight(after, COUNT[records] + 14);
        // Nothing is counted twice that is there; what is gone may come again.
        await storeInTurn(after, [...first, ...second, ...third]);
        await expectRight(after, 34);
      },
    );
  });

  it('counts on in the process that runs meanwhile', async () => {
    const storage = await open();
    await storeInTurn(storage, traffic(10));
    const older = await all(names().state);
    await storeInTurn(storage, traffic(5));
    await replace(names().state, older);
    await storeInTurn(storage, traffic(5));
    await replace(names().state, []);
    await storeInTurn(storage, traffic(14));
    await expectRight(storage, 34);
  });

  it('counts the records of the batch under way when its state is lost', async () => {
    const storage = await open();
    await storage.store(traffic(3));
    const { state } = names();
    const insert = vi.spyOn(Collection.prototype, 'insertMany');
    insert.mockImplementationOnce(async (...given) => {
      const made = await client
        .db()
        .collection(place)
        .insertMany(given[0] as never);
      await client.db().collection(state).deleteMany({});
      return made as never;
    });
    await storage.store(traffic(4));
    await expectRight(storage, 7);
  });

  it('leaves sums as they are whose records have been pruned', async () => {
    const storage = await open();
    await storage.store(traffic(12));
    const later = new Date(DATE.getTime() + 86_400_000 * 40);
    await storage.prune({ records: later });
    const sums = await storage.getSum('url');
    for (const restart of [false, true]) {
      await replace(names().state, []);
      const used = restart ? await open() : storage;
      expect(await used.verifySummaries()).toEqual([]);
      await used.rebuildSummaries();
      expect(await used.getSum('url')).toEqual(sums);
    }
  });

  it('does so for what version 0.1.0 noted in the state collection alone, once started', async () => {
    const before = await open();
    await before.store(traffic(12));
    await before.prune({ records: new Date(DATE.getTime() + 86_400_000 * 40) });
    await client
      .db()
      .collection(names().sums)
      .deleteMany({ period: { $exists: false } });
    await before.close();
    const storage = await open();
    const sums = await storage.getSum('url');
    await replace(names().state, []);
    await storage.rebuildSummaries();
    expect(await storage.getSum('url')).toEqual(sums);
    expect(sums.day).toHaveLength(4);
  });

  it('keeps to the cap of keys', async () => {
    const urls = (from: number) =>
      makeRecords(6, (index) => ({ date: DATE, url: `http://shop.example/${from + index}` }));
    const before = await open(8);
    await before.store(urls(0));
    await before.close();
    await replace(names().state, []);
    const after = await open(8);
    await after.store(urls(6));
    const { day } = await after.getSum('url');
    expect(day).toHaveLength(8);
    expect(day.find(({ key }) => key === '(other)')?.hits).toBe(5);
    expect(await after.verifySummaries()).toEqual([]);
  });
});
