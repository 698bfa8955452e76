import { redisScript } from '../format/redis-script.js';

/** What is noted of dimensions, each after its name. KEYS: the hash. */
export const READ_ZONES = redisScript(`return redis.call('HGETALL', KEYS[1])`);

/**
 * Notes one text for some dimensions, on a server that is full too. KEYS: the hash. ARGV: the text,
 * names of dimensions.
 */
export const NOTE_ZONE = redisScript(`
for i = 2, #ARGV do
  redis.call('HDEL', KEYS[1], ARGV[i])
  redis.call('HSET', KEYS[1], ARGV[i], ARGV[1])
end
return 'OK'
`);
