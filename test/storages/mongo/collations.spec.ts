import { randomBytes } from 'node:crypto';
import { MongoClient, type CollationOptions, type Document } from 'mongodb';
import mongoose, { Schema } from 'mongoose';
import { sumUrls, sumVisitors } from 'nestjs-track-usage';
import { MongoPiggybackStorage } from 'nestjs-track-usage/mongo';
import { MongooseStorage, usageSchema } from 'nestjs-track-usage/mongoose';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { makeRecord } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { contextOf, SILENT_LOGGER } from '../../support/storage-context.js';
import { dropPlace } from './places.js';

// Takes letters of any case and with any accent for the same, and looks at no space or hyphen.
const LOOSE: CollationOptions = { locale: 'en', strength: 1, alternate: 'shifted' };
const HOOKS = [sumUrls, sumVisitors];
const NAMES = ['ada', 'Ada', 'ADA', 'Ad\u00e1', 'a da', 'a-da'];

describeWithServer('MONGODB', 'On collections with a collation', (url) => {
  let client: MongoClient;
  const places = new Set<string>();

  beforeAll(async () => {
    client = await new MongoClient(url).connect();
  });
  afterEach(async () => {
    for (const place of places) await dropPlace(client.db(), place);
    places.clear();
  });
  afterAll(() => client.close());

  const newPlace = async (collation = LOOSE) => {
    const place = `c${randomBytes(6).toString('hex')}`;
    places.add(place);
    for (const name of [place, `${place}_s`, `${place}_s_state`])
      await client.db().createCollection(name, { collation });
    return place;
  };
  const context = () =>
    contextOf(HOOKS, {
      logger: { ...SILENT_LOGGER, warn: (line: string) => void warnings.push(line) },
      maxKeys: 50,
    });
  const warnings: string[] = [];

  it.each<CollationOptions>([
    { locale: 'en', strength: 2 },
    LOOSE,
    { locale: 'en', numericOrdering: true },
  ])('forgets, prunes and sums what is the same to the byte: %o', async (collation) => {
    const place = await newPlace(collation);
    const storage = new MongoPiggybackStorage({
      db: client.db(),
      collectionName: place,
      summaryCollection: `${place}_s`,
      hooks: HOOKS,
    });
    await storage.open(context());
    const records = NAMES.map((name) =>
      makeRecord({ username: name, visitorId: name, url: `http://shop.example/${name}` }),
    );
    await storage.store(records.slice(0, 3));
    await storage.store(records.slice(3));
    await storage.store(records);
    await storage.rebuildSummaries();
    expect((await storage.getSum('visitor')).day.map(({ key }) => key).sort()).toEqual(
      NAMES.toSorted(),
    );
    expect(await storage.countUsage({ where: { username: 'ADA' } })).toBe(1);
    expect((await storage.getSum('visitor', { target: 'Ada' })).day).toMatchObject([{ hits: 1 }]);
    expect(await storage.forget({ username: 'ada' })).toBe(1);
    const left = await storage.getUsage({ limit: 100 });
    expect(left.map(({ username }) => username).sort()).toEqual(NAMES.slice(1).sort());
    expect((await storage.getSum('visitor')).month).toHaveLength(NAMES.length - 1);
    expect(await storage.verifySummaries()).toEqual([]);
    await storage.close();
  });

  it('keeps sites apart whose names differ in case, in a model whose schema has a collation', async () => {
    const connection = await mongoose.createConnection(url).asPromise();
    const place = await newPlace();
    await client.db().collection(place).drop();
    const schema = usageSchema.clone() as Schema;
    schema.set('collation', LOOSE);
    const model = connection.model(place, schema, place);
    await model.createCollection();
    const sites = await Promise.all(
      ['Shop', 'shop'].map(async (website) => {
        const storage = new MongooseStorage({
          model,
          website,
          summaryCollection: `${place}_s`,
          ttl: { hour: '900d' },
          hooks: HOOKS,
        });
        await storage.open(context());
        return storage;
      }),
    );
    const [upper, lower] = sites;
    await Promise.all(sites.map((site) => site.store([makeRecord(), makeRecord()])));
    await Promise.all(sites.map((site) => site.dailySalt('2026-11-23', site.options.website!)));
    const counts = async (site: MongooseStorage) => [
      await site.countUsage(),
      (await site.getSum('url')).hour.length,
      await site.verifySummaries(),
      await site.dailySalt('2026-11-23', 'none'),
    ];
    const before = await counts(lower!);
    expect(before.slice(2)).toEqual([[], 'shop']);
    const late = new Date(Date.UTC(2090, 0));
    expect(await upper!.prune({ records: late, hour: late, day: late, month: late })).toMatchObject(
      { records: 2 },
    );
    await upper!.forgetDailySalts('2026-12-01');
    expect(await counts(lower!)).toEqual(before);
    await lower!.rebuildSummaries();
    expect(await counts(lower!)).toEqual(before);
    expect(await upper!.countUsage()).toBe(0);
    // What the server deletes by itself is told apart as well.
    const ttl = (await client.db().collection(`${place}_s`).indexes()).filter(({ name }) =>
      name?.startsWith('usage_ttl'),
    );
    expect(ttl.map((index) => [index['collation'], index['partialFilterExpression']])).toEqual(
      [undefined, undefined].map(() => [undefined, expect.anything()]),
    );
    await Promise.all(sites.map((site) => site.close()));
    await connection.close();
  });

  it('finds documents by an index, however many there are', async () => {
    const place = await newPlace();
    const storage = new MongoPiggybackStorage({
      db: client.db(),
      collectionName: place,
      summaryCollection: `${place}_s`,
      hooks: HOOKS,
    });
    await storage.open(context());
    await storage.store([makeRecord()]);
    for (const name of [place, `${place}_s`, `${place}_s_state`]) {
      const plan: Document = await client
        .db()
        .collection(name)
        .find({ _id: 'w:1' as never }, { collation: { locale: 'simple' } })
        .explain();
      expect(JSON.stringify(plan['queryPlanner']['winningPlan'])).toContain('"IXSCAN"');
    }
    expect(warnings).toEqual([]);
    await storage.close();
  });
});
