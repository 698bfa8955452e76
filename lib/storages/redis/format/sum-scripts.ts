import { MEASURES } from '../../../summary/index.js';
import { EACH, redisScript } from './redis-script.js';

/**
 * Lua for a row's counts of latency, which are one text of slots and counts in any order:
 * `,178:3,201:1,`. With one field for each slot, these fields would take most of the time of
 * reading a busy row. `merged(text, more)` returns the text of both. Either may be nil or empty.
 *
 * Lua's numbers are floating. Up to 2^53 they are exact, and counts end there.
 */
export const LATENCY = `
local function merged(text, more)
  if not text or text == '' then return more end
  for slot, count in string.gmatch(more or '', '(%d+):(%d+)') do
    local _, colon = string.find(text, ',' .. slot .. ':', 1, true)
    if colon then
      local stop = string.find(text, ',', colon, true)
      local sum = tonumber(string.sub(text, colon + 1, stop - 1)) + tonumber(count)
      sum = string.format('%.0f', math.min(sum, 9007199254740991))
      text = string.sub(text, 1, colon) .. sum .. string.sub(text, stop)
    else
      text = text .. slot .. ':' .. count .. ','
    end
  end
  return text
end
`;

/**
 * Deletes rows of a bucket. Deletes the bucket with its last row. KEYS: buckets, rows without a
 * handler, keys of the bucket; rows. ARGV: the bucket's first instant. Answers with the number of
 * deleted rows.
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
 * Replaces the rows of a bucket in one step, if the lock is held. KEYS: lock, buckets, rows without
 * a handler, keys of the bucket; the rows to delete, the rows to write. ARGV: the lock's value; the
 * bucket's first instant; how many rows to delete; how many of those to write have no handler; for
 * each row to write its fields and values. Answers with OK, or with LOST if the lock is not held.
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

const EXTREMES = MEASURES.filter(({ merge }) => merge !== 'add');

/**
 * Lua for the measures of a row: `MEASURES` are their names, `EXTREMES` are those that are a least
 * or a greatest value, which come last, and `MERGED` says how those of two rows are merged.
 * `isBeyond(name, value, known)` returns whether a value replaces the known one, if any.
 */
export const MEASURED = `
local MEASURES = { ${MEASURES.map(({ name }) => `'${name}'`).join(', ')} }
local EXTREMES = { ${EXTREMES.map(({ name }) => `'${name}'`).join(', ')} }
local MERGED = { ${MEASURES.map(({ name, merge }) => `${name} = '${merge}'`).join(', ')} }
local function isBeyond(name, value, known)
  if not known then return true end
  if MERGED[name] == 'min' then return tonumber(value) < tonumber(known) end
  return tonumber(value) > tonumber(known)
end
`;

/**
 * Adds a row to the `(other)` of its bucket, and deletes it. KEYS: keys of the bucket, the row, the
 * row for `(other)`. Numbers are passed as text, because Lua's are floating.
 */
export const FOLD_ROW = redisScript(`${LATENCY}${MEASURED}
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
  elseif MERGED[field] == 'add' then
    redis.call('HINCRBY', other, field, value)
  elseif MERGED[field] and isBeyond(field, value, redis.call('HGET', other, field)) then
    redis.call('HSET', other, field, value)
  end
end
redis.call('ZINCRBY', keys, '-' .. hits, string.sub(other, #keys + 2))
redis.call('ZREM', keys, string.sub(row, #keys + 2))
return 1
`);
