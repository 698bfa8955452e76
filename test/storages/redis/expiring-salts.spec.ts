import { Redis } from 'ioredis';
import { RedisStorage } from 'nestjs-track-usage/redis';
import { expect, it } from 'vitest';
import { describeWithServer } from '../../support/servers.js';
import { contextOf } from '../../support/storage-context.js';
import { removeKeys } from './places.js';

const HOUR = 3_600_000;

describeWithServer('REDIS', 'The salts of daily visitors in Redis', (url) => {
  it('go by themselves where no process is left to delete them', async () => {
    const redis = new Redis(url);
    const keyPrefix = `salts${process.pid}`;
    const storage = new RedisStorage({ client: redis, keyPrefix });
    await storage.open(contextOf([], { maxKeys: 10 }));
    await storage.dailySalt('2026-11-23', 'salt');
    await storage.dailySalt('2026-11-23', 'other');
    const left = await redis.pttl(`{${keyPrefix}}:salts`);
    expect(left).toBeGreaterThan(24 * HOUR);
    expect(left).toBeLessThanOrEqual(26 * HOUR);
    await storage.close();
    await removeKeys(redis, keyPrefix);
    await redis.quit();
  });
});
