import type { ConnectionOptions } from 'node:tls';
import type { StorageOptions } from '../contract/usage-storage.js';
import { isIoredisClient, type IoredisClient } from './connection/ioredis.connection.js';
import { isNodeRedisClient, type NodeRedisClient } from './connection/node-redis.connection.js';
import { addressOf, urlAddress, type RedisAddress } from './connection/redis-address.js';
import { refuseBeside } from '../../support/options-beside.js';
import { TrackUsageOptionsError } from '../../support/track-usage-options.error.js';

/**
 * The options of `RedisStorage`: one of `client`, `url`, or `host` and `port`. Without these the
 * address is `127.0.0.1:6379`. The storage's own connection needs the package `ioredis`.
 *
 * @publicApi
 */
export interface RedisStorageOptions extends StorageOptions {
  /**
   * A client or cluster of `ioredis` (5 and up) or of `redis` (4 and up) that the application has
   * connected. The storage uses it and never closes it.
   * @default none
   */
  client?: IoredisClient | NodeRedisClient;
  /**
   * Address of the server: `redis://user:password@host:port/db`, or `rediss://…` for TLS.
   * @default none
   */
  url?: string;
  /**
   * Host name or IP address of the server, instead of `url`.
   * @default '127.0.0.1'
   */
  host?: string;
  /**
   * Port of the server, beside `host`.
   * @default 6379
   */
  port?: number;
  /**
   * User name.
   * @default that of `url`, or the server's default user
   */
  username?: string;
  /**
   * Password.
   * @default that of `url`, or none
   */
  password?: string;
  /**
   * Number of the database.
   * @default that of `url`, or 0
   */
  db?: number;
  /**
   * Whether to use TLS: true, or Node's options for it.
   * @default false
   */
  tls?: boolean | ConnectionOptions;
  /**
   * Prefix of all keys: `{track-usage}:records`. The braces make it the hash tag that keeps the
   * keys on one slot of a cluster. A prefix with a hash tag of its own is used as it is.
   * @default 'track-usage'
   */
  keyPrefix?: string;
  /**
   * The most records to keep. The oldest are deleted first; their summaries stay. While the server
   * is full, up to a quarter fewer records are kept.
   * @default every record
   */
  maxRecords?: number;
}

/** The Redis of a storage: a client of the application, or a server to connect to. */
export type RedisTarget =
  | { readonly ioredis: IoredisClient }
  | { readonly nodeRedis: NodeRedisClient }
  | { readonly address: RedisAddress };

type Option = keyof RedisStorageOptions;
type Check = readonly [expected: string, accepts: (value: unknown) => boolean];

// These options decide which database is used. An explicit undefined must not select another one.
const DECIDING: Partial<Record<Option, Check>> = {
  client: [
    'a client or cluster of ioredis or redis',
    (value) => isIoredisClient(value) || isNodeRedisClient(value),
  ],
  url: ['a URL such as redis://user:password@host:6379/0', isFilled],
  host: ["a host's name or address", isFilled],
  port: ['a port from 1 to 65535', (value) => isWhole(value, 1) && Number(value) <= 65_535],
  db: ['the number of a database, from 0', (value) => isWhole(value, 0)],
  keyPrefix: ['text that is not empty', isFilled],
};

const OTHERS: Partial<Record<Option, Check>> = {
  username: ['text', (value) => typeof value === 'string'],
  password: ['text', (value) => typeof value === 'string'],
  tls: [
    "true, false or Node's TLS options",
    (value) => typeof value === 'boolean' || isObject(value),
  ],
  maxRecords: ['a whole number from 1', (value) => isWhole(value, 1)],
};

const OWNER = { owner: 'RedisStorage' };
const OWN_CONNECTION = ['host', 'port', 'username', 'password', 'db', 'tls'] as const;

/** @throws {TrackUsageOptionsError} if options contradict each other or one is invalid. */
export function redisTarget(given: RedisStorageOptions): RedisTarget {
  for (const [option, check] of Object.entries(DECIDING))
    if (option in given) checkOption(option as Option, given[option as Option], check);
  for (const [option, check] of Object.entries(OTHERS)) {
    const value = given[option as Option];
    if (value !== undefined) checkOption(option as Option, value, check);
  }
  const { client, url } = given;
  if (client !== undefined) {
    refuseBeside(OWNER.owner, 'client', given, ['url', ...OWN_CONNECTION]);
    return isNodeRedisClient(client) ? { nodeRedis: client } : { ioredis: client };
  }
  if (url === undefined) return { address: addressOf(given, '127.0.0.1', 6379, 0) };
  refuseBeside(OWNER.owner, 'url', given, ['host', 'port', 'db']);
  return { address: urlAddress(url, given) };
}

function checkOption(option: Option, value: unknown, [expected, accepts]: Check): void {
  if (accepts(value)) return;
  if (option === 'password' && value !== undefined)
    throw new TrackUsageOptionsError(option, typeof value, expected, {
      ...OWNER,
      given: typeof value,
    });
  throw new TrackUsageOptionsError(option, value, expected, OWNER);
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isWhole(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
