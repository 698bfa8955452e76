import { redisScript } from './redis-script.js';

/**
 * Adds a row to the `(other)` of its bucket, and deletes it. KEYS: keys of the bucket, the row, the
 * row for `(other)`. Numbers stay text on their way: Lua's are floating.
 */
export const FOLD_ROW = redisScript(`
local keys, row, other = KEYS[1], KEYS[2], KEYS[3]
local fields = redis.call('HGETALL', row)
if #fields == 0 then return 0 end
local hits = '0'
for i = 1, #fields, 2 do
  if fields[i] == 'hits' then hits = fields[i + 1] end
  redis.call('HINCRBY', other, fields[i], fields[i + 1])
end
redis.call('ZINCRBY', keys, '-' .. hits, string.sub(other, #keys + 2))
redis.call('ZREM', keys, string.sub(row, #keys + 2))
redis.call('DEL', row)
return 1
`);
