import { Cluster } from 'ioredis';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { createCluster } from 'redis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sumUrls } from 'nestjs-track-usage';
import { makeRecords, storageContract } from 'nestjs-track-usage/testing';
import { contextOf } from '../../support/storage-context.js';
import { describeWithBinary, startCluster, type RedisServer } from './redis-server.js';

describeWithBinary('A cluster of three', () => {
  let servers: RedisServer[];
  let ioredis: Cluster;
  let nodeRedis: ReturnType<typeof createCluster>;

  beforeAll(async () => {
    servers = await startCluster();
    ioredis = new Cluster(servers.map(({ port }) => ({ host: '127.0.0.1', port })));
    nodeRedis = createCluster({ rootNodes: servers.map(({ url }) => ({ url })) });
    await nodeRedis.connect();
  });
  afterAll(async () => {
    ioredis?.disconnect();
    nodeRedis?.destroy();
    for (const server of servers ?? []) await server.remove();
  });

  // The places hash to slots of all three.
  storageContract({ describe, it, afterEach }, 'RedisStorage on a cluster of ioredis', {
    shared: true,
    create: (keyPrefix, options) => new RedisStorage({ ...options, client: ioredis, keyPrefix }),
  });

  it('serves a cluster of redis, whichever node the keys are on', async () => {
    const context = contextOf([sumUrls], { maxKeys: 20 });
    const records = makeRecords(40);
    for (const keyPrefix of ['a', 'b', 'c', 'd', 'e', 'shop:{7}:usage']) {
      const storage = new RedisStorage({ client: nodeRedis, keyPrefix });
      await storage.open(context);
      await storage.store(records);
      await storage.store(records);
      expect(await storage.getUsage({ limit: 7, page: 2 })).toEqual(
        records.toReversed().slice(7, 14),
      );
      const { day } = await storage.getSum('url');
      expect(day.reduce((sum, { hits }) => sum + hits, 0)).toBe(40);
      await storage.prune({ records: new Date(), hour: new Date(), day: new Date() });
      await storage.close();
    }
    const masters = await Promise.all(
      nodeRedis.masters.map(async (node) => (await nodeRedis.nodeClient(node)).dbSize()),
    );
    expect(masters.filter((size) => Number(size) > 0).length).toBeGreaterThan(1);
  });

  it('says what to do if it is given one node instead of the cluster', async () => {
    const outcomes = await Promise.all(
      servers.map(async ({ url }) => {
        const storage = new RedisStorage({ url });
        const context = contextOf([], { logger: console, maxKeys: 10 });
        return storage.open(context).then(
          () => storage.close().then(() => 'its own slot'),
          (error: Error) => error.message,
        );
      }),
    );
    expect(
      outcomes.filter((outcome) => /give the storage a cluster client/.test(outcome)),
    ).toHaveLength(2);
  });
});
