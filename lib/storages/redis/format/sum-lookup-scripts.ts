import { MEASURES } from '../../../summary/index.js';
import { redisScript } from './redis-script.js';

/** Returns the dimensions that have ever been kept. KEYS: the set of them. */
export const DIMENSIONS = redisScript(`return redis.call('SMEMBERS', KEYS[1])`);

/**
 * Returns the first date at or after a date in sorted sets by date; null if there is none. KEYS:
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

/**
 * Returns buckets by their first instant, newest first. KEYS: buckets. ARGV: the first, the last.
 */
export const BUCKETS = redisScript(
  `return redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[2], ARGV[1])`,
);

/** Counts the keys of each bucket. KEYS: keys of a bucket. */
export const BUCKET_SIZES = redisScript(`
local sizes = {}
for i, keys in ipairs(KEYS) do sizes[i] = redis.call('ZCARD', keys) end
return sizes
`);

/** Returns the keys of each bucket; callers sort them. KEYS: keys of a bucket. */
export const BUCKET_KEYS = redisScript(`
local lists = {}
for i, keys in ipairs(KEYS) do lists[i] = redis.call('ZRANGE', keys, 0, -1) end
return lists
`);

/**
 * Returns the keys with most hits of each bucket. KEYS: keys of a bucket. ARGV: how many; the
 * number of hits that they must exceed. Answers with keys and negated hits, most hits first.
 */
export const TOP_KEYS = redisScript(`
local lists = {}
for i, keys in ipairs(KEYS) do
  lists[i] = redis.call('ZRANGEBYSCORE', keys, '-inf', '(-' .. ARGV[2], 'WITHSCORES', 'LIMIT', 0, ARGV[1])
end
return lists
`);

/** Returns the negated hits of one key in each bucket. KEYS: keys of a bucket. ARGV: the key. */
export const KEY_HITS = redisScript(`
local hits = {}
for i, keys in ipairs(KEYS) do hits[i] = redis.call('ZSCORE', keys, ARGV[1]) end
return hits
`);

/**
 * Returns rows as fields and values. Each row is one text, which is cheaper to parse. KEYS: rows.
 */
export const ROWS = redisScript(`
local call, concat, rows = redis.call, table.concat, {}
for i = 1, #KEYS do rows[i] = concat(call('HGETALL', KEYS[i]), ' ') end
return rows
`);

/** Lua that returns the fields `NAMES` of rows, in the form of `ROWS`. */
const NAMED_FIELDS = `
local call, concat, rows = redis.call, table.concat, {}
for i = 1, #KEYS do
  local fields = {}
  for at, value in ipairs(call('HMGET', KEYS[i], unpack(NAMES))) do
    if value then fields[#fields + 1] = NAMES[at] .. ' ' .. value end
  end
  rows[i] = concat(fields, ' ')
end
return rows
`;

/** Returns the measures of rows, without latency, in the form of `ROWS`. KEYS: rows. */
export const MEASURES_OF_ROWS = redisScript(
  `local NAMES = { ${MEASURES.map(({ name }) => `'${name}'`).join(', ')} }${NAMED_FIELDS}`,
);
