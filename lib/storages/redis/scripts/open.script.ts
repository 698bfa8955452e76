import { redisScript } from '../format/redis-script.js';

/**
 * Looks whether the keys are the storage's own, and notes which summaries it keeps.
 *
 * KEYS: records, texts, dimensions. ARGV: names of dimensions.
 */
export const OPEN = redisScript(`
local kinds = { 'zset', 'hash', 'set' }
for i, key in ipairs(KEYS) do
  local kind = redis.call('TYPE', key).ok
  if kind ~= 'none' and kind ~= kinds[i] then
    return redis.error_reply('the key ' .. key .. ' is a ' .. kind .. ' of something else; give the storage another keyPrefix')
  end
end
for _, name in ipairs(ARGV) do
  if redis.call('SISMEMBER', KEYS[3], name) == 0 then
    redis.call('SREM', KEYS[3], name)
    redis.call('SADD', KEYS[3], name)
  end
end
return 'OK'
`);

/**
 * What a server deletes when it is full, as it calls it: `noeviction`, `allkeys-lru`, …; nothing
 * where the user may not ask. KEYS: one of the storage's, for a cluster to ask the right node.
 */
export const EVICTION_POLICY = redisScript(`
local info = redis.pcall('INFO', 'memory')
if type(info) ~= 'string' then return '' end
return string.match(info, 'maxmemory_policy:([%w-]+)') or ''
`);
