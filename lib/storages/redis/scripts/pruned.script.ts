import { redisScript } from '../format/redis-script.js';

/**
 * Notes a date, unless a later one is noted; on a server that is full too, as what gives memory
 * back is noted first. KEYS: the hash. ARGV: kind, milliseconds.
 */
export const NOTE_PRUNED = redisScript(`
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known or tonumber(known) < tonumber(ARGV[2]) then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
return 'OK'
`);

/** The dates that are noted, each after its kind. KEYS: the hash. */
export const READ_PRUNED = redisScript(`return redis.call('HGETALL', KEYS[1])`);
