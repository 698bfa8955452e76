import type { Redis, RedisOptions } from 'ioredis';
import { shownAddress, type RedisAddress } from './redis-address.js';
import type { RedisScript } from '../format/redis-script.js';
import { IoredisConnection } from './ioredis.connection.js';
import { toStorageError } from './failures.js';
import type { RedisConnection, RedisReply } from './redis-connection.js';
import { missingPackage } from '../../../support/optional-packages.js';
import { withTimeLimit } from '../../../support/time-limit.js';

/** Time within which the server must accept commands at start. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Time within which the server must answer QUIT. */
const QUIT_TIMEOUT_MS = 1000;
const RETRY_BASE_DELAY_MS = 50;
const RETRY_MAX_DELAY_MS = 5000;

/**
 * The storage's own connection. While it is lost, scripts fail at once, because delivery retries
 * the batch. The client reconnects with growing delays.
 */
export class OwnConnection implements RedisConnection {
  readonly shown: string;
  private readonly scripts: IoredisConnection;

  private constructor(
    private readonly client: Redis,
    address: RedisAddress,
    private readonly last: { error: Error | null },
  ) {
    this.shown = shownAddress(address);
    this.scripts = new IoredisConnection(client, this.shown);
  }

  /**
   * @throws {Error} if `ioredis` is not installed, or the server is unreachable or rejects the
   * storage.
   */
  static async open(address: RedisAddress): Promise<OwnConnection> {
    const { Redis } = await import('ioredis').catch(
      missingPackage(
        'RedisStorage: a connection of its own',
        'ioredis',
        'Or give it a client of the application: new RedisStorage({ client }).',
      ),
    );
    const client = new Redis(optionsFor(address));
    const last = firstErrors(client);
    try {
      await connect(client);
    } catch (error) {
      client.disconnect();
      throw toStorageError(last.error ?? error, shownAddress(address));
    }
    return new OwnConnection(client, address, last);
  }

  async run(script: RedisScript, keys: readonly string[], args: readonly string[]) {
    try {
      return (await this.scripts.run(script, keys, args)) satisfies RedisReply;
    } catch (error) {
      // The client knows why the connection is lost; the command's error does not.
      if (this.client.status !== 'ready' && this.last.error) throw this.last.error;
      throw error;
    }
  }

  async close(): Promise<void> {
    try {
      if (this.client.status === 'ready')
        await withTimeLimit(this.client.quit(), QUIT_TIMEOUT_MS, () => null);
    } catch {
      // The connection is closed either way.
    } finally {
      this.client.disconnect();
    }
  }
}

function optionsFor(address: RedisAddress): RedisOptions {
  return {
    ...address,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: (times) =>
      Math.min(RETRY_BASE_DELAY_MS * 2 ** Math.min(times, 7), RETRY_MAX_DELAY_MS) *
      (0.5 + Math.random() / 2),
    // After a failover the address leads to the new master, but only for new connections.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}

/** Keeps the first error of the last attempt to connect. It causes the later ones. */
function firstErrors(client: Redis): { error: Error | null } {
  const last: { error: Error | null } = { error: null };
  let isFirst = true;
  // Without a listener, a lost connection would be reported as an unhandled error.
  client.on('error', (error: Error) => {
    if (isFirst) last.error = error;
    isFirst = false;
  });
  client.on('connecting', () => (isFirst = true));
  client.on('ready', () => {
    isFirst = true;
    last.error = null;
  });
  return last;
}

async function connect(client: Redis): Promise<void> {
  await withTimeLimit(client.connect(), CONNECT_TIMEOUT_MS, () => {
    throw new Error(
      `it took no commands within ${CONNECT_TIMEOUT_MS / 1000} s; it may be loading its data`,
    );
  });
}
