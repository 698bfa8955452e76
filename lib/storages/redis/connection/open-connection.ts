import type { RedisTarget } from '../redis-storage.options.js';
import { IoredisConnection } from './ioredis.connection.js';
import { NodeRedisConnection } from './node-redis.connection.js';
import { OwnConnection } from './own.connection.js';
import { toStorageError } from './failures.js';
import type { RedisConnection, RedisReply } from './redis-connection.js';

/**
 * Connects, or uses the application's client. Errors of scripts say what to do.
 *
 * @throws {Error} if the driver is not installed, the server is unreachable or rejects the storage,
 * or the application's client is not connected.
 */
export async function openConnection(target: RedisTarget): Promise<RedisConnection> {
  const connection = await connectionTo(target);
  return {
    shown: connection.shown,
    close: () => connection.close(),
    run: (script, keys, args): Promise<RedisReply> =>
      connection.run(script, keys, args).catch((error: unknown) => {
        throw toStorageError(error, connection.shown);
      }),
  };
}

async function connectionTo(target: RedisTarget): Promise<RedisConnection> {
  if ('address' in target) return OwnConnection.open(target.address);
  if ('ioredis' in target) return new IoredisConnection(target.ioredis, "the application's client");
  return new NodeRedisConnection(target.nodeRedis);
}
