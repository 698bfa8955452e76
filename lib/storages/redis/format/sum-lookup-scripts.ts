import { redisScript } from './redis-script.js';

/** The dimensions that have rows. KEYS: the set of them. */
export const DIMENSIONS = redisScript(`return redis.call('SMEMBERS', KEYS[1])`);

/**
 * The first date, from a date on, in sorted sets of what has dates; null if there is none. KEYS:
 * the sets. ARGV: the date.
 */
export const FIRST_DATE = redisScript(`
local first
for _, key in ipairs(KEYS) do
  local found = redis.call('ZRANGEBYSCORE', key, ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if found[2] and (not first or tonumber(found[2]) < tonumber(first)) then first = found[2] end
end
return first or false
`);

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
