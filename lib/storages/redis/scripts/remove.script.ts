import { EACH, redisScript } from '../format/redis-script.js';

/**
 * Gives the oldest records. KEYS: records, texts. ARGV: the date that they are from before, or
 * nothing; the number that is to stay, or nothing; how many to give. Answers with ids and texts.
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
 * index the numbers of its records. Answers with how many there were.
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
