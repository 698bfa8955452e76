import { EACH, redisScript } from './redis-script.js';
import { LATENCY, MEASURED } from './sum-scripts.js';

/**
 * Stores records and adds them to the sums, all or nothing.
 *
 * Writes nothing until it knows that no record is stored already and that no process recomputes
 * these sums. After its first write a script always completes: the server checks its memory, its
 * disk and whether it is a master before that.
 *
 * KEYS: records, texts, lock; one for each index; for each bucket that of the buckets, that of rows
 * without a handler, that of the keys, the row for `(other)`, and a row for each key.
 *
 * ARGV: number of records, of indexes, of buckets; the most rows of a bucket; the first and the
 * last date; the most rows of a bucket for keys of requests without a handler; id, date and text of
 * each record; for each index the numbers of its records; for each bucket its first instant, its
 * number of rows, how many of them had a handler, and for each row its measures in order, then its
 * counts of latency. Rows are in the order in which new ones take the remaining room. Those without
 * a handler come last.
 *
 * Answers with the number of all records. If ids are stored already, answers with these ids, and if
 * the range is locked, with BUSY; then it has written nothing. Numbers are passed as text, because
 * Lua's are floating.
 */
export const STORE = redisScript(`${EACH}${LATENCY}${MEASURED}
local records, texts = KEYS[1], KEYS[2]
local count, indexes, buckets = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local maxKeys, maxUnhandled = tonumber(ARGV[4]), tonumber(ARGV[7])

local lock = redis.call('GET', KEYS[3])
if lock then
  local from, till = string.match(lock, '^(%S+) (%S+)')
  if tonumber(ARGV[6]) >= tonumber(from) and tonumber(ARGV[5]) < tonumber(till) then return 'BUSY' end
end

local ids, dated, texted = {}, {}, {}
for i = 1, count do
  local at = 5 + i * 3
  ids[i] = ARGV[at]
  dated[i * 2 - 1], dated[i * 2] = ARGV[at + 1], ids[i]
  texted[i * 2 - 1], texted[i * 2] = ids[i], ARGV[at + 2]
end
local known, seen = {}, 0
each(ids, function(...)
  for _, text in ipairs(redis.call('HMGET', texts, ...)) do
    seen = seen + 1
    if text then known[#known + 1] = ids[seen] end
  end
end)
if #known > 0 then return known end

each(dated, function(...) redis.call('ZADD', records, ...) end)
each(texted, function(...) redis.call('HSET', texts, ...) end)

local arg, key = 8 + count * 3, 4
for _ = 1, indexes do
  local members = {}
  for number in string.gmatch(ARGV[arg], '%d+') do
    local at = tonumber(number) * 2
    members[#members + 1], members[#members + 2] = dated[at - 1], dated[at]
  end
  local index = KEYS[key]
  each(members, function(...) redis.call('ZADD', index, ...) end)
  arg, key = arg + 1, key + 1
end

local PACKED = '^' .. string.rep('(%-?%d+) ', #MEASURES) .. '(.*)$'
local function add(keys, row, packed)
  local member = string.sub(row, #keys + 2)
  local values = { string.match(packed, PACKED) }
  local hits, latency = values[1], values[#MEASURES + 1]
  local fresh = redis.call('ZINCRBY', keys, '-' .. hits, member) == '-' .. hits
  if fresh then
    local fields = { 'latency', latency }
    for i, name in ipairs(MEASURES) do fields[#fields + 1], fields[#fields + 2] = name, values[i] end
    redis.call('HSET', row, unpack(fields))
    return
  end
  for i, name in ipairs(MEASURES) do
    if MERGED[name] == 'add' and values[i] ~= '0' then redis.call('HINCRBY', row, name, values[i]) end
  end
  local known = redis.call('HMGET', row, 'latency', unpack(EXTREMES))
  local fields = { 'latency', merged(known[1], latency) }
  for i, name in ipairs(EXTREMES) do
    local value = values[#MEASURES - #EXTREMES + i]
    if isBeyond(name, value, known[i + 1]) then
      fields[#fields + 1], fields[#fields + 2] = name, value
    end
  end
  redis.call('HSET', row, unpack(fields))
end

for _ = 1, buckets do
  local unhandled, keys, other = KEYS[key + 1], KEYS[key + 2], KEYS[key + 3]
  local rows, handled = tonumber(ARGV[arg + 1]), tonumber(ARGV[arg + 2])
  local size = redis.call('ZCARD', keys)
  if size == 0 then redis.call('ZADD', KEYS[key], ARGV[arg], ARGV[arg]) end
  local room = rows
  if size + rows >= maxKeys then
    if redis.call('ZSCORE', keys, '(other)') then size = size - 1 end
    room = math.max(maxKeys - 1 - size, 0)
  end
  local left, taken = 0, 0
  if handled < rows then
    left = maxUnhandled - (tonumber(redis.call('HGET', unhandled, ARGV[arg])) or 0)
  end
  for i = 1, rows do
    local row = KEYS[key + 3 + i]
    if (room < rows or i > handled) and row ~= other
      and not redis.call('ZSCORE', keys, string.sub(row, #keys + 2)) then
      if room <= 0 or (i > handled and taken >= left) then
        row = other
      else
        room = room - 1
        if i > handled then taken = taken + 1 end
      end
    end
    add(keys, row, ARGV[arg + 2 + i])
  end
  if taken > 0 then redis.call('HINCRBY', unhandled, ARGV[arg], taken) end
  arg, key = arg + 3 + rows, key + 4 + rows
end
return redis.call('ZCARD', records)
`);
