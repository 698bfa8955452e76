import { EACH, redisScript } from './redis-script.js';

const WALK = `
local index, texts = KEYS[1], KEYS[2]
local min, max, after, afterId = ARGV[1], ARGV[2], ARGV[3], ARGV[4]

-- Records of an index are known by their rank, the newest first.
local rank = afterId ~= '' and redis.call('ZREVRANK', index, afterId) or nil
if rank then
  rank = rank + 1
elseif afterId ~= '' then
  rank = redis.call('ZCOUNT', index, '(' .. after, '+inf')
else
  rank = max == '+inf' and 0 or redis.call('ZCOUNT', index, '(' .. max, '+inf')
end
local last = redis.call('ZCOUNT', index, min, '+inf')

local function hasAny(text, from, upTo)
  for i = from, upTo do
    if string.find(text, ARGV[i], 1, true) then return true end
  end
  return false
end

local function matches(text)
  local i = 8
  while i <= #ARGV do
    local last = i + 1 + ARGV[i + 1]
    if hasAny(text, i + 2, last) ~= (ARGV[i] == '+') then return false end
    i = last + 1
  end
  return true
end

local function looked(from, upTo, f)
  local ids = redis.call('ZREVRANGE', index, from, upTo)
  local at = 0
  each(ids, function(...)
    for _, text in ipairs(redis.call('HMGET', texts, ...)) do
      at = at + 1
      if not f(ids[at], text) then return end
    end
  end)
  return ids
end
`;

/**
 * Reads records, newest first.
 *
 * KEYS: an index, texts. ARGV: the first and the last date; date and id of the record to continue
 * after, or nothing; how many matching records to skip; how many to return; how many to examine, at
 * most; groups of lines: `+` or `-`, how many lines, and the lines, any of which the records must
 * have, or must not.
 *
 * Answers with how many are still to be skipped, whether the end was reached, the date and id of
 * the last examined record, and then id and text of each record. If the record to continue after
 * has been deleted, the records of its date are returned again.
 */
export const READ = redisScript(`${EACH}${WALK}
local skip, limit, budget = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local answer = { 0, 0, '', '' }
local lastId

if #ARGV < 8 then
  rank = rank + skip
  skip = 0
end
while limit > 0 and budget > 0 and rank < last do
  local size = math.min(budget, 200, last - rank)
  if #ARGV < 8 then size = math.min(size, limit) end
  looked(rank, rank + size - 1, function(id, text)
    if limit == 0 then return false end
    rank, budget, lastId = rank + 1, budget - 1, id
    if text and matches(text) then
      if skip > 0 then
        skip = skip - 1
      else
        limit = limit - 1
        answer[#answer + 1], answer[#answer + 2] = id, text
      end
    end
    return true
  end)
end
answer[1] = skip
if rank >= last then answer[2] = 1 end
if lastId then answer[3], answer[4] = redis.call('ZSCORE', index, lastId), lastId end
return answer
`);

/**
 * Counts records. KEYS and ARGV are those of READ.
 *
 * Answers with the number of matching records, whether the end was reached, and the date and id of
 * the last examined record.
 */
export const COUNT = redisScript(`${EACH}${WALK}
local budget, count, lastId = tonumber(ARGV[7]), 0, nil
if #ARGV < 8 then return { math.max(last - rank, 0), 1, '', '' } end
while budget > 0 and rank < last do
  local ids = looked(rank, math.min(rank + math.min(budget, 200), last) - 1, function(_, text)
    if text and matches(text) then count = count + 1 end
    return true
  end)
  rank, budget, lastId = rank + #ids, budget - #ids, ids[#ids]
end
return { count, rank >= last and 1 or 0, lastId and redis.call('ZSCORE', index, lastId) or '', lastId or '' }
`);

/** Counts the records of each index in a range of dates. KEYS: indexes. ARGV: first, last date. */
export const SIZES = redisScript(`
local sizes = {}
for i, index in ipairs(KEYS) do sizes[i] = redis.call('ZCOUNT', index, ARGV[1], ARGV[2]) end
return sizes
`);

/**
 * Returns the oldest records. KEYS: records, texts. ARGV: the date before which they must be, or
 * nothing; the number of records to keep, or nothing; how many to return. Answers with ids and
 * texts.
 */
export const OLDEST = redisScript(`${EACH}
local records, texts = KEYS[1], KEYS[2]
local count = tonumber(ARGV[3])
if ARGV[1] ~= '' then count = math.min(count, redis.call('ZCOUNT', records, '-inf', '(' .. ARGV[1])) end
if ARGV[2] ~= '' then count = math.min(count, redis.call('ZCARD', records) - tonumber(ARGV[2])) end
if count <= 0 then return {} end
local ids, answer = redis.call('ZRANGE', records, 0, count - 1), {}
each(ids, function(...)
  for _, text in ipairs(redis.call('HMGET', texts, ...)) do
    answer[#answer + 1] = ids[#answer / 2 + 1]
    answer[#answer + 1] = text or ''
  end
end)
return answer
`);

/**
 * Deletes records. KEYS: records, texts; one for each index. ARGV: number of ids; ids; for each
 * index the numbers of its records. Answers with the number of deleted records.
 */
export const REMOVE = redisScript(`${EACH}
local count, ids = tonumber(ARGV[1]), {}
for i = 1, count do ids[i] = ARGV[i + 1] end
local removed = 0
each(ids, function(...) removed = removed + redis.call('ZREM', KEYS[1], ...) end)
each(ids, function(...) redis.call('HDEL', KEYS[2], ...) end)
for i = 3, #KEYS do
  local members = {}
  for number in string.gmatch(ARGV[count + i - 1], '%d+') do
    members[#members + 1] = ids[tonumber(number)]
  end
  each(members, function(...) redis.call('ZREM', KEYS[i], ...) end)
end
return removed
`);
