import type { LoggerService } from '@nestjs/common';
import type { RedisKeys } from './redis-keys.js';
import { EVICTION_POLICY } from '../scripts/open.script.js';
import type { RedisConnection } from '../connection/redis-connection.js';

/** Warns of a server that deletes keys of its own choice when it is full. */
export async function warnOfEviction(
  connection: RedisConnection,
  keys: RedisKeys,
  logger: LoggerService,
): Promise<void> {
  // Whoever may not ask, or asks what does not answer, has the storage all the same.
  const policy = await connection.run(EVICTION_POLICY, [keys.records], []).catch(() => '');
  if (typeof policy !== 'string' || !policy.startsWith('allkeys-')) return;
  logger.warn(
    `Redis (${connection.shown}) has the maxmemory-policy ${policy}: when it is full it deletes ` +
      'records and sums without a word. Set it to noeviction, with retention or maxRecords to ' +
      'keep within its memory, or give the storage a server of its own.',
  );
}
