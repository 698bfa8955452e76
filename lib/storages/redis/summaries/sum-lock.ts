import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BucketSpan } from '../../../summary/index.js';
import { StorageUnavailableError } from '../../contract/storage-errors.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import { redisScript } from '../format/redis-script.js';

/** The time after which a lock expires if its holder is gone. */
const LIFETIME_MS = 30_000;
const TIMEOUT_MS = 120_000;
const PAUSE_MS = 50;

/**
 * Acquires the lock if it is free. Also works on a full server, because erasing a subject needs it.
 * KEYS: lock. ARGV: its value; milliseconds to keep it.
 */
export const LOCK = redisScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

/** Renews the lock. KEYS: lock. ARGV: its value; milliseconds to keep it. */
export const EXTEND = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/** Releases the lock. KEYS: lock. ARGV: its value. */
export const UNLOCK = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);

/**
 * Locks writers out of a range of dates. Batches with records in the range wait; other batches do
 * not.
 */
export class SumLock {
  constructor(
    private readonly connection: RedisConnection,
    private readonly key: string,
  ) {}

  /**
   * @param work Called with the lock's value, which scripts check before they write.
   * @throws {StorageUnavailableError} if the lock cannot be acquired within two minutes, or is
   * lost.
   */
  async hold<T>({ start, end }: BucketSpan, work: (value: string) => Promise<T>): Promise<T> {
    const { connection, key } = this;
    const value = `${start} ${end} ${randomUUID()}`;
    const deadline = Date.now() + TIMEOUT_MS;
    while (Number(await connection.run(LOCK, [key], [value, String(LIFETIME_MS)])) !== 1) {
      if (Date.now() > deadline)
        throw new StorageUnavailableError(
          'RedisStorage: another process rebuilds summaries or verifies them; try again later.',
        );
      await sleep(PAUSE_MS);
    }
    const extend = () => connection.run(EXTEND, [key], [value, String(LIFETIME_MS)]);
    const renewal = setInterval(() => void extend().catch(() => {}), LIFETIME_MS / 3);
    try {
      const result = await work(value);
      if (Number(await extend()) !== 1) throw lockLostError();
      return result;
    } finally {
      clearInterval(renewal);
      // If this fails, the lock expires.
      await connection.run(UNLOCK, [key], [value]).catch(() => {});
    }
  }
}

export function lockLostError(): Error {
  return new StorageUnavailableError(
    'RedisStorage: the connection was lost for so long that others may have written meanwhile. ' +
      'Run it again.',
  );
}
