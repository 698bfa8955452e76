/**
 * Storage in Redis.
 *
 * @module nestjs-track-usage/redis
 */
export type { IoredisClient } from './connection/ioredis.connection.js';
export type { NodeRedisClient } from './connection/node-redis.connection.js';
export { RedisStorage } from './redis.storage.js';
export type { RedisStorageOptions } from './redis-storage.options.js';
