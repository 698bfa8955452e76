import { LATENCY } from './latency.script.js';
import { redisScript } from '../format/redis-script.js';

/**
 * Adds a row to the `(other)` of its bucket, and deletes it. KEYS: keys of the bucket, the row, the
 * row for `(other)`. Numbers stay text on their way: Lua's are floating.
 */
export const FOLD_ROW = redisScript(`${LATENCY}
local keys, row, other = KEYS[1], KEYS[2], KEYS[3]
local fields = redis.call('HGETALL', row)
if #fields == 0 then return 0 end
local hits = '0'
redis.call('DEL', row)
for i = 1, #fields, 2 do
  local field, value = fields[i], fields[i + 1]
  if field == 'hits' then hits = value end
  if field == 'latency' then
    redis.call('HSET', other, field, merged(redis.call('HGET', other, field), value))
  else
    redis.call('HINCRBY', other, field, value)
  end
end
redis.call('ZINCRBY', keys, '-' .. hits, string.sub(other, #keys + 2))
redis.call('ZREM', keys, string.sub(row, #keys + 2))
return 1
`);
