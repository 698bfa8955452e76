import { redisScript } from '../format/redis-script.js';

/**
 * The salt of a day, kept if there is none. KEYS: the hash. ARGV: day, salt, milliseconds after
 * which all is gone.
 */
export const TAKE_SALT = redisScript(`
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known then return known end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return ARGV[2]
`);

/** Deletes the salts of the days before. KEYS: the hash. ARGV: the day. */
export const FORGET_SALTS = redisScript(`
for _, day in ipairs(redis.call('HKEYS', KEYS[1])) do
  if day < ARGV[1] then redis.call('HDEL', KEYS[1], day) end
end
return 'OK'
`);
