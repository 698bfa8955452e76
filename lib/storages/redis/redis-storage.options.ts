import type { ConnectionOptions } from 'node:tls';
import type { StorageOptions } from '../contract/storage-options.js';
import type { IoredisClient } from './connection/ioredis.connection.js';
import type { NodeRedisClient } from './connection/node-redis.connection.js';

/**
 * Which Redis, and under which names. One of `client`, `url`, or `host` and `port`; none of them
 * means `127.0.0.1:6379`. A connection of the storage's own needs the package `ioredis`.
 *
 * @publicApi
 */
export interface RedisStorageOptions extends StorageOptions {
  /**
   * A client or a cluster of `ioredis` (5 and up) or of `redis` (4 and up), which the application
   * has connected. The storage uses it and never closes it.
   * @default none
   */
  client?: IoredisClient | NodeRedisClient;
  /**
   * `redis://user:password@host:port/db`, or `rediss://…` for TLS.
   * @default none
   */
  url?: string;
  /** @default '127.0.0.1' */
  host?: string;
  /** @default 6379 */
  port?: number;
  /** @default that of `url`, or the server's default user */
  username?: string;
  /** @default that of `url`, or none */
  password?: string;
  /** @default that of `url`, or 0 */
  db?: number;
  /**
   * TLS to the server: true, or Node's options for it.
   * @default false
   */
  tls?: boolean | ConnectionOptions;
  /**
   * What all keys begin with: `{track-usage}:records`. The braces make it the hash tag that keeps
   * the keys on one slot of a cluster; a prefix that has a hash tag of its own is taken as it is.
   * @default 'track-usage'
   */
  keyPrefix?: string;
  /**
   * Records that are kept; the oldest go first. Their summaries stay. While the server is full, up
   * to a quarter fewer.
   * @default every record
   */
  maxRecords?: number;
}
