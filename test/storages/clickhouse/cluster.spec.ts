import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ClickHouseStorage } from 'nestjs-track-usage/clickhouse';
import { sumBy, sumConsumers, sumStatuses, type UsageRecord } from 'nestjs-track-usage';
import { makeRecord } from 'nestjs-track-usage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contextOf } from '../../support/storage-context.js';
import { canStartServers, OwnServer } from './own-server.js';
import { clickHouse, countHours, tablesOf } from './places.js';

const TIMEOUT = 300_000;
const HOOKS = [sumConsumers, sumStatuses, sumBy('consumer', 'status')];
const ALL = { limit: 10_000 };
const START = Date.UTC(2026, 0, 30, 18, 30);
const HALF_HOUR = 1_800_000;
const ON_CLUSTER = / ON CLUSTER `two`/;

/**
 * Plays what servers do by ClickHouse Keeper, which is not here: runs a statement `ON CLUSTER` on
 * each server. All else goes to the first one as it is.
 */
async function beforeCluster(servers: readonly OwnServer[]): Promise<Server> {
  const ask = (url: string, from: IncomingMessage, body: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const {
        connection: _,
        'content-length': __,
        'transfer-encoding': ___,
        ...headers
      } = from.headers;
      const asked = request(`${url}${from.url}`, { method: from.method!, headers }, resolve);
      asked.on('error', reject).end(body);
    });
  const server = createServer((given, response) => {
    void (async () => {
      const body = await text(given);
      const onAll = ON_CLUSTER.test(body);
      let answer!: IncomingMessage;
      for (const { url } of onAll ? [...servers].reverse() : servers.slice(0, 1)) {
        answer = await ask(url, given, body.replace(ON_CLUSTER, ''));
        if (answer.statusCode !== 200) break;
        if (onAll && url !== servers[0]!.url) answer.resume();
      }
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    })().catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe.skipIf(!canStartServers)('ClickHouse on two shards', () => {
  let servers: OwnServer[] = [];
  let proxy: Server;
  let url = '';

  beforeAll(async () => {
    servers = await OwnServer.make(2);
    const shards = servers.map(
      ({ tcpPort }) =>
        `<shard><replica><host>127.0.0.1</host><port>${tcpPort}</port></replica></shard>`,
    );
    const configuration = `<remote_servers><two>${shards.join('')}</two></remote_servers>`;
    for (const server of servers) await server.start(configuration);
    proxy = await beforeCluster(servers);
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  }, TIMEOUT);
  afterAll(async () => {
    proxy?.closeAllConnections();
    proxy?.close();
    for (const server of servers) await server.remove();
  });

  const traffic = () =>
    Array.from({ length: 120 }, (_, index) =>
      makeRecord({
        date: new Date(START + index * HALF_HOUR),
        consumer: ['acme', 'bolt', null][index % 3]!,
        status: [200, 404, 500][index % 3]!,
        speed: (1 + (index % 40)) / 1000,
      }),
    );

  async function open(options: object) {
    const storage = new ClickHouseStorage({ hooks: HOOKS, ...options });
    await storage.open(contextOf(HOOKS));
    return storage;
  }

  async function sumsOf(storage: ClickHouseStorage) {
    return Promise.all(HOOKS.map(({ dimension }) => storage.getSum(dimension, ALL)));
  }

  it(
    'is as exact as on one server: stored, repeated, counted, erased, pruned and rebuilt',
    { timeout: TIMEOUT },
    async () => {
      const cluster = { name: 'two', replicated: false };
      const storage = await open({ url, cluster, ...tablesOf('two') });
      const single = await open({ url: servers[0]!.url, ...tablesOf('one') });
      const records = traffic();
      const isSame = async () => {
        expect(await sumsOf(storage)).toEqual(await sumsOf(single));
        expect(await storage.verifySummaries()).toEqual([]);
        expect(await storage.getUsage(ALL)).toEqual(await single.getUsage(ALL));
        const where = { consumer: 'bolt' };
        expect(await storage.getUsage({ where })).toEqual(await single.getUsage({ where }));
        expect(await storage.countUsage({ where })).toBe(await single.countUsage({ where }));
      };
      const both = async (work: (each: ClickHouseStorage) => Promise<unknown>) => {
        for (const each of [storage, single]) await work(each);
      };
      await both((each) => each.store(records));
      await both((each) => each.store(records.slice(30)));
      await isSame();
      // Both shards have some, and none has all.
      for (const { url: shard } of servers) {
        const count = Number(await clickHouse(shard, 'SELECT uniqExact(id) FROM two_shard'));
        expect(count).toBeGreaterThan(20);
        expect(count).toBeLessThan(100);
      }
      expect(await countHours(storage)).toBe(true);
      const late: UsageRecord[] = [makeRecord({ date: records[3]!.date, consumer: 'late' })];
      await both((each) => each.store([...late, ...records.slice(0, 20)]));
      await isSame();
      await both((each) => each.forget({ consumer: 'acme' }));
      await isSame();
      expect(await countHours(storage)).toBe(true);
      await isSame();
      await both((each) => each.prune({ records: records[50]!.date }));
      await isSame();
      await storage.rebuildSummaries();
      await isSame();
      await both((each) => each.close());
    },
  );
});
