import type { LoggerService } from '@nestjs/common';
import { inspect } from 'node:util';
import { settleFormat } from '../../base/format.js';
import type { NamedValues } from '../../base/named-values.js';
import type { RedisConnection } from '../connection/redis-connection.js';
import type { RedisKeys } from './redis-keys.js';
import { redisScript } from './redis-script.js';

/** Checks that the keys belong to the storage. KEYS: records, texts, dimensions. */
const CHECK = redisScript(`
local kinds = { 'zset', 'hash', 'set' }
for i, key in ipairs(KEYS) do
  local kind = redis.call('TYPE', key).ok
  if kind ~= 'none' and kind ~= kinds[i] then
    return redis.error_reply('the key ' .. key .. ' is a ' .. kind .. ' of something else; give the storage another keyPrefix')
  end
end
return 'OK'
`);

/** Notes which summaries are kept. KEYS: dimensions. ARGV: names of the summaries. */
const KEEP = redisScript(`
for _, name in ipairs(ARGV) do
  if redis.call('SISMEMBER', KEYS[1], name) == 0 then
    redis.call('SREM', KEYS[1], name)
    redis.call('SADD', KEYS[1], name)
  end
end
return 'OK'
`);

/**
 * Returns the server's name of what it deletes when it is full: `noeviction`, `allkeys-lru`, ….
 * Returns nothing if the user lacks the right. KEYS: any of the storage's keys, so that a cluster
 * asks the right node.
 */
const EVICTION_POLICY = redisScript(`
local info = redis.pcall('INFO', 'memory')
if type(info) ~= 'string' then return '' end
return string.match(info, 'maxmemory_policy:([%w-]+)') or ''
`);

/**
 * Checks that the keys belong to the storage and that the client returns the server's answers,
 * notes the format and the kept summaries, and warns if a full server deletes keys of its own
 * choice.
 *
 * @param prepares Whether anything may be changed.
 * @throws {NewerFormatError} if only newer versions may write there.
 * @throws {Error} if the keys belong to something else, or the client changes answers.
 */
export async function prepareFormat(
  connection: RedisConnection,
  { records, texts, dimensions }: RedisKeys,
  values: NamedValues,
  summaries: readonly string[],
  logger: LoggerService,
  prepares: boolean,
): Promise<void> {
  const answer = await connection.run(CHECK, [records, texts, dimensions], []);
  if (answer !== 'OK') throw wrongAnswerError(answer);
  const place = `RedisStorage: the keys ${records}, … in Redis (${connection.shown})`;
  await settleFormat(values, place, prepares);
  if (!prepares) return;
  if (summaries.length > 0) await connection.run(KEEP, [dimensions], summaries);
  const fault = await evictionFault(connection, records);
  if (fault !== null) logger.warn(fault);
}

/** What is to be said of what the server deletes when it is full; null if it deletes nothing. */
export async function evictionFault(
  connection: RedisConnection,
  key: string,
): Promise<string | null> {
  // A user without the right, or a server that does not support this, still gets a storage.
  const policy = await connection.run(EVICTION_POLICY, [key], []).catch(() => '');
  if (typeof policy !== 'string' || !policy.startsWith('allkeys-')) return null;
  return (
    `Redis (${connection.shown}) has the maxmemory-policy ${policy}: when it is full it deletes ` +
    'records and sums without a word. Set it to noeviction, with retention or maxRecords to ' +
    'keep within its memory, or give the storage a server of its own.'
  );
}

function wrongAnswerError(answer: unknown): Error {
  return new Error(
    'RedisStorage: client: expected one whose commands resolve to what the server answers, but ' +
      `this one gave ${inspect(answer, { depth: 0 })} for 'OK'. Give it the client itself: no ` +
      'pipeline, transaction or client in legacy mode, and none whose replies are transformed.',
  );
}
