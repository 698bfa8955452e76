import { redisScript } from '../format/redis-script.js';

/** The names in a set. KEYS: the set. */
export const MEMBERS = redisScript(`return redis.call('SMEMBERS', KEYS[1])`);

/** The date of the first record from a date on, or null. KEYS: records. ARGV: the date. */
export const NEXT_DATE = redisScript(`
local found = redis.call('ZRANGEBYSCORE', KEYS[1], ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
return found[2] or false
`);
