import { redisScript } from './redis-script.js';

/** Takes the lock if it is free. KEYS: lock. ARGV: its value; milliseconds to keep it. */
export const LOCK = redisScript(
  `return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0`,
);

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
