import { EACH, redisScript } from './redis-script.js';

/** Buckets by their first instant, the newest first. KEYS: buckets. ARGV: the first, the last. */
export const BUCKETS = redisScript(
  `return redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[2], ARGV[1])`,
);

/** How many keys each of some buckets has. KEYS: keys of a bucket. */
export const BUCKET_SIZES = redisScript(`
local sizes = {}
for i, keys in ipairs(KEYS) do sizes[i] = redis.call('ZCARD', keys) end
return sizes
`);

/** Keys of each of some buckets, in no order that matters. KEYS: keys of a bucket. */
export const BUCKET_KEYS = redisScript(`
local lists = {}
for i, keys in ipairs(KEYS) do lists[i] = redis.call('ZRANGE', keys, 0, -1) end
return lists
`);

/**
 * Those keys of each of some buckets that have most hits. KEYS: keys of a bucket. ARGV: how many;
 * the hits that they must have more of. Answers with keys and hits, negated, most hits first.
 */
export const TOP_KEYS = redisScript(`
local lists = {}
for i, keys in ipairs(KEYS) do
  lists[i] = redis.call('ZRANGEBYSCORE', keys, '-inf', '(-' .. ARGV[2], 'WITHSCORES', 'LIMIT', 0, ARGV[1])
end
return lists
`);

/** Hits of one key, negated, in each of some buckets. KEYS: keys of a bucket. ARGV: the key. */
export const KEY_HITS = redisScript(`
local hits = {}
for i, keys in ipairs(KEYS) do hits[i] = redis.call('ZSCORE', keys, ARGV[1]) end
return hits
`);

/** Rows as fields and values, each row one text, which is less to take apart. KEYS: rows. */
export const ROWS = redisScript(`
local call, concat, rows = redis.call, table.concat, {}
for i = 1, #KEYS do rows[i] = concat(call('HGETALL', KEYS[i]), ' ') end
return rows
`);

/**
 * Deletes rows of a bucket, and the bucket with the last of them. KEYS: buckets, rows without a
 * handler, keys of the bucket; rows. ARGV: the bucket's first instant. Answers with how many rows there were.
 */
export const REMOVE_ROWS = redisScript(`${EACH}
local keys, rows, members = KEYS[3], {}, {}
for i = 4, #KEYS do
  rows[i - 3] = KEYS[i]
  members[i - 3] = string.sub(KEYS[i], #keys + 2)
end
local removed = 0
each(rows, function(...) redis.call('DEL', ...) end)
each(members, function(...) removed = removed + redis.call('ZREM', keys, ...) end)
if redis.call('ZCARD', keys) == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
end
return removed
`);

/**
 * Gives a bucket other rows in one step, as long as the lock is held. KEYS: lock, buckets, rows
 * without a handler, keys of the bucket; the rows to delete, the rows to write. ARGV: the lock's
 * value; the bucket's first instant; how many rows to delete; how many of those to write have no
 * handler; for each row to write its fields and values.
 */
export const REPLACE_ROWS = redisScript(`${EACH}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'LOST' end
local buckets, unhandled, keys, old = KEYS[2], KEYS[3], KEYS[4], {}
for i = 1, tonumber(ARGV[3]) do old[i] = KEYS[4 + i] end
each(old, function(...) redis.call('DEL', ...) end)
redis.call('DEL', keys)
if ARGV[4] == '0' then
  redis.call('HDEL', unhandled, ARGV[2])
else
  redis.call('HSET', unhandled, ARGV[2], ARGV[4])
end
for i = 5 + #old, #KEYS do
  local packed, fields = ARGV[i - #old], {}
  for word in string.gmatch(packed, '%S+') do fields[#fields + 1] = word end
  local row = KEYS[i]
  each(fields, function(...) redis.call('HSET', row, ...) end)
  redis.call('ZADD', keys, '-' .. fields[2], string.sub(row, #keys + 2))
end
if #KEYS > 4 + #old then
  redis.call('ZADD', buckets, ARGV[2], ARGV[2])
else
  redis.call('ZREM', buckets, ARGV[2])
end
return 'OK'
`);
