import { Redis } from 'ioredis';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { createClient } from 'redis';
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import { storageContract, type StorageSubject } from 'nestjs-track-usage/testing';
import { describeWithServer } from '../../support/servers.js';
import { formatContract } from '../format-contract.js';
import { removeKeys } from './places.js';

const tools = { describe, it, afterEach };

describeWithServer('REDIS', 'RedisStorage', (url) => {
  let ioredis: Redis;
  let nodeRedis: ReturnType<typeof createClient>;

  beforeAll(async () => {
    ioredis = new Redis(url, { lazyConnect: true });
    await ioredis.connect();
    nodeRedis = createClient({ url });
    await nodeRedis.connect();
  });
  afterAll(async () => {
    await ioredis?.quit();
    if (nodeRedis?.isOpen) await nodeRedis.close();
  });

  const ownConnection: StorageSubject = {
    shared: true,
    create: (keyPrefix, options) => new RedisStorage({ ...options, url, keyPrefix }),
    remove: (place) => removeKeys(ioredis, place),
  };
  storageContract(tools, 'on a connection of its own', ownConnection);
  formatContract(tools, 'RedisStorage', ownConnection);

  storageContract(tools, 'on a client of ioredis', {
    shared: true,
    create: (keyPrefix, options) => new RedisStorage({ ...options, client: ioredis, keyPrefix }),
    remove: (place) => removeKeys(ioredis, place),
  });

  storageContract(tools, 'on a client of redis', {
    shared: true,
    create: (keyPrefix, options) => new RedisStorage({ ...options, client: nodeRedis, keyPrefix }),
    remove: (place) => removeKeys(ioredis, place),
  });
});
