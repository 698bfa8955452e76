import { redisScript } from '../format/redis-script.js';

/**
 * Takes the lock if it is free, on a server that is full too: forgetting needs it. KEYS: lock.
 * ARGV: its value; milliseconds to keep it.
 */
export const LOCK = redisScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

/** Keeps the lock for longer. KEYS: lock. ARGV: its value; milliseconds. */
export const EXTEND = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);

/** Lets go of the lock. KEYS: lock. ARGV: its value. */
export const UNLOCK = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`);
