import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { getConnectionToken, getModelToken, InjectModel, MongooseModule } from '@nestjs/mongoose';
import mongoose, { type Connection, type Model } from 'mongoose';
import { sumStatuses, sumUrls, TrackUsageModule, UsageService } from 'nestjs-track-usage';
import { MongooseStorage, USAGE_MODEL, usageModel, usageSchema } from 'nestjs-track-usage/mongoose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { appsOn } from '../../support/applications.js';
import { platforms } from '../../support/platforms.js';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { dropPlace } from '../mongo/places.js';

const HOOKS = [sumUrls, sumStatuses];

describeWithServer('MONGODB', 'MongooseStorage', (url) => {
  const start = appsOn(platforms[0]!);
  let connection: Connection;
  let place: string;
  let opened: MongooseStorage[];

  beforeAll(async () => {
    connection = await mongoose.createConnection(url).asPromise();
  });
  afterAll(() => connection.close());
  beforeEach(() => {
    place = `m${randomBytes(6).toString('hex')}`;
    opened = [];
  });
  afterEach(async () => {
    for (const storage of opened) await storage.close();
    connection.deleteModel(/.*/);
    await dropPlace(connection.db as never, place);
  });

  const open = async (options: Partial<ConstructorParameters<typeof MongooseStorage>[0]> = {}) => {
    const model = connection.models[place] ?? connection.model(place, usageModel.schema, place);
    const storage = new MongooseStorage({ model, summaryCollection: `${place}_s`, ...options });
    opened.push(storage);
    await storage.open(contextOf(HOOKS, { maxKeys: 50 }));
    return storage;
  };

  it('keeps the sites of a collection apart: records, sums, recounts and deletions', async () => {
    const [shop, blog, none] = [
      await open({ website: 'shop' }),
      await open({ website: 'blog' }),
      await open(),
    ];
    const url = 'http://shop.example/same';
    const records = [makeRecords(5), makeRecords(3), makeRecords(2)].map((list) =>
      list.map((record) => ({ ...record, url })),
    );
    await Promise.all([shop, blog, none].map((storage, index) => storage.store(records[index]!)));
    for (const [storage, count] of [
      [shop, 5],
      [blog, 3],
      [none, 2],
    ] as const) {
      expect(await storage.countUsage()).toBe(count);
      expect((await storage.getUsage()).length).toBe(count);
      expect((await storage.getSum('url')).day.map(({ hits }) => hits)).toEqual([count]);
      expect(await storage.verifySummaries()).toEqual([]);
    }
    await shop.rebuildSummaries();
    const late = new Date(Date.UTC(2030, 0));
    const counts = await shop.prune({ records: late, hour: late, day: late, month: late });
    expect(counts).toMatchObject({ records: 5, hour: 2, day: 2, month: 2 });
    expect(await blog.countUsage()).toBe(3);
    expect((await blog.getSum('url')).month[0]?.hits).toBe(3);
    const sites = await connection.db!.collection(place).distinct('website');
    expect(sites).toEqual(['blog', 'default']);
  });

  it('sets what a schema that extends ours adds, and refuses what it does not take', async () => {
    const schema = usageSchema.clone();
    schema.add({
      tenant: { type: String, default: () => 'acme' },
      costCenter: { type: Number, default: 7 },
    });
    schema.path('status').validate((status: number) => status < 500, 'no failures here');
    const model = connection.model('Extended', schema, place);
    const storage = await open({ model });
    const good = makeRecord({ trackVar: { $set: 'x', empty: {} }, viewArgs: {} });
    await storage.store([good]);
    expect(await storage.getUsage()).toEqual([good]);
    expect(await model.findById(good.id).lean()).toMatchObject({ tenant: 'acme', costCenter: 7 });
    await expect(storage.store([makeRecord({ status: 500 })])).rejects.toThrow('no failures here');
    await storage.store(makeRecords(2));
    expect(await storage.countUsage()).toBe(3);
    expect(await storage.verifySummaries()).toEqual([]);
  });

  it('reads and makes the model on a connection', async () => {
    const storage = await open({ connection, model: undefined }).catch((error: Error) => error);
    expect(storage).toBeInstanceOf(TypeError);
    connection.model(USAGE_MODEL, usageSchema, place);
    const given = new MongooseStorage({ connection, summaryCollection: `${place}_s` });
    opened.push(given);
    await given.open(contextOf([], { maxKeys: 50 }));
    const [record] = makeRecords(1);
    await given.store([record!]);
    const found = await connection.model(USAGE_MODEL).findById(record!.id);
    expect(found?.toObject()).toMatchObject({ url: record!.url, website: 'default' });
  });

  it('refuses a schema that lacks our fields', async () => {
    const model = connection.model('Other', new mongoose.Schema({ name: String }), place);
    await expect(open({ model })).rejects.toThrow(
      /extends usageSchema.*'Other' lacks website, .*\bdate\b/,
    );
  });

  it('takes its model from an application by injection, and gives it to it', async () => {
    const schema = usageSchema.clone().set('collection', place);
    @Injectable()
    class Reports {
      constructor(
        @InjectModel(USAGE_MODEL)
        readonly model: Model<{ path: string; apacheCombinedLog: string }>,
        @Inject(UsageService) readonly usage: UsageService,
      ) {}
    }
    const records = MongooseModule.forFeature([{ ...usageModel, schema }]);
    const { app, fetch, close } = await start({
      imports: [MongooseModule.forRoot(url), records],
      track: TrackUsageModule.forRootAsync({
        imports: [records],
        inject: [getModelToken(USAGE_MODEL)],
        useFactory: (model: Model<unknown>) => ({
          storages: [
            new MongooseStorage({
              model,
              website: 'shop',
              apacheLog: true,
              summaryCollection: `${place}_s`,
              hooks: HOOKS,
            }),
          ],
        }),
      }),
      providers: [Reports],
    });
    const { usage, model } = app.get(Reports);
    await fetch('/cats/7?a=1', { headers: { 'user-agent': 'x "y" \\z' } });
    expect(await usage.flush()).toBe(true);
    expect((await usage.getSum('status')).day).toMatchObject([{ key: '200', hits: 1 }]);
    const document = await model.findOne({ path: '/cats/7' });
    expect(document?.apacheCombinedLog).toMatch(
      /^\S+ - - \[\d\d\/\w{3}\/\d{4}:[\d:]{8} \+0000\] "GET \/cats\/7\?a=1 HTTP\/1\.1" 200 10 "-" "x \\x22y\\x22 \\x5cz"$/,
    );
    const own = app.get<Connection>(getConnectionToken());
    // The queues are drained before Mongoose closes its connection.
    await fetch('/cats/8');
    await close();
    expect(own.readyState).toBe(0);
    expect(await connection.db!.collection(place).countDocuments()).toBe(2);
  });

  describe('refuses', () => {
    it.each([
      [{}, /one of model and connection, but got none/],
      [{ model: undefined }, /model: expected a model.*undefined.*provider/],
      [{ model: {} }, /model: expected a model/],
      [{ connection: null }, /connection: expected a connection of Mongoose, but got null/],
      [{ model: 1, connection: 1 }, /but got model and connection/],
      [{ model: mongoose.Model, website: undefined }, /model|website/],
    ])('%o', (options, message) => {
      expect(() => new MongooseStorage(options as never)).toThrow(message);
    });

    it.each([[undefined], [''], ['a\0b'], [5], [{ $ne: 1 }]])('the website %o', (website) => {
      const model = connection.models[place] ?? connection.model(place, usageSchema, place);
      const options = { model, website } as never;
      expect(() => new MongooseStorage(options)).toThrow(/website: expected a name/);
    });
  });
});
