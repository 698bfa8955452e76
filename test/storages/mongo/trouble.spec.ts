import { randomBytes } from 'node:crypto';
import { createServer, connect, type AddressInfo, type Server } from 'node:net';
import { MongoClient } from 'mongodb';
import { sumUrls } from 'nestjs-track-usage';
import {
  MongoPiggybackStorage,
  MongoStorage,
  type MongoStorageOptions,
} from 'nestjs-track-usage/mongo';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { makeRecord, makeRecords } from 'nestjs-track-usage/testing';
import { countsOf, startDelivery } from '../../delivery/start-delivery.js';
import { describeWithServer } from '../../support/servers.js';
import { contextOf, SILENT_LOGGER } from '../../support/storage-context.js';
import { dropPlace } from './places.js';

describeWithServer('MONGODB', 'With MongoDB in trouble', (url) => {
  let client: MongoClient;
  let place: string;
  let warnings: string[];
  let opened: (MongoStorage | MongoPiggybackStorage)[];

  beforeAll(async () => {
    client = await new MongoClient(url).connect();
  });
  afterAll(() => client.close());
  beforeEach(() => {
    place = `p${randomBytes(6).toString('hex')}`;
    warnings = [];
    opened = [];
  });
  afterEach(async () => {
    for (const storage of opened) await storage.close();
    await dropPlace(client.db(), place);
  });

  const open = async <S extends MongoStorage | MongoPiggybackStorage>(storage: S): Promise<S> => {
    opened.push(storage);
    const logger = { ...SILENT_LOGGER, warn: (line: string) => void warnings.push(line) };
    await storage.open(contextOf([sumUrls], { logger, maxKeys: 100 }));
    return storage;
  };
  const names = () => ({ collection: place, summaryCollection: `${place}_s` });
  const own = (options: Partial<MongoStorageOptions> = {}) =>
    new MongoStorage({ uri: url, ...names(), ...options });

  it('stops the start when no server answers, and says where it asked', async () => {
    const uri = 'mongodb://ada:secret@127.0.0.1:1/shop?serverSelectionTimeoutMS=200';
    const start = open(own({ uri }));
    await expect(start).rejects.toThrow(/could not connect to mongodb:\/\/\*\*\*@127\.0\.0\.1:1/);
    await expect(start).rejects.not.toThrow(/secret/);
  });

  it('stops the start when the server does not let it in', async () => {
    const { hostname, port } = new URL(url);
    const options = { host: hostname, port: Number(port), username: 'ada', password: 'secret' };
    const storage = new MongoStorage({ ...options, ...names() });
    await expect(open(storage)).rejects.toThrow(/Authentication failed.*credentials/s);
  });

  it('starts without a server if it may, and catches up when there is one', async () => {
    const proxy = await freePort();
    const uri = `mongodb://127.0.0.1:${proxy}/${client.db().databaseName}?directConnection=true&serverSelectionTimeoutMS=200`;
    const storage = await open(own({ uri, lazyConnect: true }));
    const { delivery } = startDelivery([storage], { flushInterval: 10 });
    const records = makeRecords(50);
    for (const record of records) delivery.record(record, null);
    await expect.poll(() => countsOf(delivery, storage).lastError?.message, WAIT).toBeDefined();
    expect(countsOf(delivery, storage)).toMatchObject({ stored: 0, waiting: 50, dropped: {} });

    const server = await forward(proxy, new URL(url));
    expect(await delivery.flush(20_000)).toBe(true);
    expect(await storage.countUsage()).toBe(50);
    expect(await storage.verifySummaries()).toEqual([]);
    await storage.close();
    opened = [];
    await server.close();
  });

  it('stores what a validator takes, and says what it does not', async () => {
    await client.db().createCollection(place, {
      validator: { $jsonSchema: { properties: { status: { maximum: 399 } } } },
    });
    const storage = await open(own());
    const good = makeRecords(9);
    const bad = makeRecord({ status: 500 });
    const batch = [...good.slice(0, 5), bad, ...good.slice(5)];
    await expect(storage.store(batch)).rejects.toThrow(
      /refused 1 of 10 records: Document failed validation.*validator/,
    );
    expect(await storage.countUsage()).toBe(9);
    expect(await storage.verifySummaries()).toEqual([]);

    const { delivery } = startDelivery([storage], { flushInterval: 5 });
    for (const record of [...batch, ...makeRecords(4)]) delivery.record(record, null);
    expect(await delivery.flush(20_000)).toBe(true);
    expect(countsOf(delivery, storage)).toMatchObject({ stored: 13, dropped: { refused: 1 } });
    expect(await storage.countUsage()).toBe(13);
    expect(await storage.verifySummaries()).toEqual([]);
  });

  it('reports a different index of the same name, and goes on', async () => {
    await client.db().collection(place).createIndex({ status: 1 }, { name: 'usage_date' });
    const storage = await open(own());
    expect(warnings.join()).toMatch(
      /index usage_date of the collection .* different index.*Drop it/,
    );
    await storage.store(makeRecords(3));
    expect(await storage.countUsage()).toBe(3);
  });

  it('makes its indexes once, whoever starts at the same time', async () => {
    await Promise.all(
      [1, 2, 3, 4, 5].map(() => open(own({ ttl: { records: '90d', hour: '60d' } }))),
    );
    expect(warnings).toEqual([]);
    const indexes = await client.db().collection(place).indexes();
    expect(indexes.map(({ name }) => name).sort()).toEqual([
      '_id_',
      'usage_date',
      'usage_ttl_records',
    ]);
    const sums = await client.db().collection(`${place}_s`).indexes();
    expect(sums.find(({ name }) => name === 'usage_ttl_hour')).toMatchObject({
      expireAfterSeconds: 60 * 86_400,
      partialFilterExpression: { period: 'hour' },
    });
    // A length that has changed is the index's new one.
    await open(own({ ttl: { records: '30d' } }));
    const [, changed] = (await client.db().collection(place).indexes()).filter(
      ({ name, expireAfterSeconds }) => name === '_id_' || expireAfterSeconds !== undefined,
    );
    expect(changed).toMatchObject({ expireAfterSeconds: 30 * 86_400 });
    expect(warnings).toEqual([]);
  });

  it('stores any name and any depth, and lets no object be an operator', async () => {
    const collection = client.db().collection(place);
    const storage = await open(
      new MongoPiggybackStorage({ collection, summaryCollection: `${place}_s` }),
    );
    let deep: unknown = 'bottom';
    for (let level = 0; level < 1000; level++) deep = level % 2 ? [deep] : { [`n${level}`]: deep };
    const hostile = JSON.parse(
      '{"$where":"sleep(1)","a.b":{"$gt":""},"":1,"_id":"x","_bsontype":"ObjectId","nul\\u0000":2,' +
        '"__proto__":{"polluted":true},"toBSON":"x","$ref":"r","$id":"i","ok":{"_bsontype":"Long"}}',
    );
    const records = [
      makeRecord({ trackVar: { deep: deep as never } }),
      makeRecord({ trackVar: hostile, urlArgs: { 'a[$ne]': '1', $or: ['1'] } }),
      makeRecord({ trackVar: { plan: 'pro', nested: { a: [1, null] } } }),
    ];
    await storage.store(records);
    expect(await storage.getUsage()).toEqual(records.toReversed());
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    // What documents can hold can be asked for.
    expect(await collection.countDocuments({ 'trackVar.plan': 'pro' })).toBe(1);
    for (const operand of [{ $ne: null }, { $gt: '' }, /./, [{ $ne: null }]]) {
      const query = { where: { username: operand } } as never;
      await expect(storage.getUsage(query)).rejects.toThrow(/where\.username/);
      await expect(storage.getSum('url', { target: operand } as never)).rejects.toThrow(/target/);
    }
  });

  it('closes nothing that is the application’s', async () => {
    const storage = await open(
      new MongoPiggybackStorage({ client, collectionName: place, summaryCollection: `${place}_s` }),
    );
    await storage.close();
    expect(await client.db().command({ ping: 1 })).toMatchObject({ ok: 1 });
  });
});

const WAIT = { timeout: 15_000, interval: 20 };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Passes what comes to a port on to a server. */
async function forward(port: number, { hostname, port: to }: URL) {
  const server: Server = createServer((socket) => {
    const onward = connect(Number(to), hostname);
    socket.pipe(onward).pipe(socket);
    for (const end of [socket, onward])
      end.on('error', () => void (socket.destroy(), onward.destroy()));
  }).listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { close: () => new Promise((resolve) => server.close(resolve)) };
}
