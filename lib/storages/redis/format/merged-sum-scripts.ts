import { MEASURES } from '../../../summary/index.js';
import { redisScript } from './redis-script.js';

// If the instants of a row are not in its bucket, version 0.1.0 has folded rows by adding them up.
// Then its later measures are unknown.
const IS_SOUND = `
local longest = tonumber(ARGV[1])
local function isSound(first, last, bucket)
  return (not first or tonumber(first) >= bucket) and (not last or tonumber(last) < bucket + longest)
end
`;

/**
 * Adds up `hits` and `measured` of the rows of buckets. KEYS: rows, bucket by bucket. ARGV: more than
 * the length of any bucket; for each bucket its first instant and its number of rows. Answers with
 * both sums for each bucket.
 */
export const TOTALS = redisScript(`${IS_SOUND}
local call, totals, key = redis.call, {}, 0
for i = 2, #ARGV, 2 do
  local bucket, hits, measured = tonumber(ARGV[i]), 0, 0
  for _ = 1, tonumber(ARGV[i + 1]) do
    key = key + 1
    local row = call('HMGET', KEYS[key], 'hits', 'measured', 'firstSeen', 'lastSeen')
    if row[1] then
      hits = hits + tonumber(row[1])
      if row[2] and isSound(row[3], row[4], bucket) then measured = measured + tonumber(row[2]) end
    end
  end
  totals[#totals + 1] = string.format('%.0f %.0f', hits, measured)
end
return totals
`);

/**
 * Digests of the keys of buckets and their hits: equal digests are those of equal rows, as far as
 * their hits go. KEYS: keys of a bucket. Answers with the digest and the hits of each bucket.
 */
export const HITS_DIGESTS = redisScript(`
local digests = {}
for i, keys in ipairs(KEYS) do
  local list, hits = redis.call('ZRANGE', keys, 0, -1, 'WITHSCORES'), 0
  for at = 2, #list, 2 do hits = hits - tonumber(list[at]) end
  digests[i] = redis.sha1hex(table.concat(list, ' ')) .. string.format(' %.0f', hits)
end
return digests
`);

const LATER = MEASURES.filter(({ merge, since }) => merge === 'add' && since > 1);

/**
 * Adds up the rows of each key. KEYS: rows, key by key. ARGV: more than the length of any bucket;
 * `latency` if it is wanted, else empty; how many measures are wanted besides `hits`, then their
 * names, of those that are added up; for each key its number of rows, then the first instant of the
 * bucket of each. Answers with one text of fields and values for each key, where the counts of
 * latency may have a slot several times; empty if there are no requests.
 */
export const MERGED_ROWS = redisScript(`${IS_SOUND}
local call, texts, key = redis.call, {}, 0
local isLater = { ${LATER.map(({ name }) => `${name} = true`).join(', ')} }
local fields, later = { 'firstSeen', 'lastSeen', 'hits', 'measured' }, { 4 }
for i = 1, tonumber(ARGV[3]) do
  fields[#fields + 1] = ARGV[3 + i]
  if isLater[ARGV[3 + i]] then later[#later + 1] = #fields end
end
local final, arg = #fields, 4 + tonumber(ARGV[3])
if ARGV[2] ~= '' then fields[#fields + 1] = ARGV[2] end
while arg <= #ARGV do
  local sums, latency, first, last = {}, {}, nil, nil
  for at = 3, final do sums[at] = 0 end
  local count = tonumber(ARGV[arg])
  for i = 1, count do
    key = key + 1
    local bucket = tonumber(ARGV[arg + i])
    local row = call('HMGET', KEYS[key], unpack(fields))
    if row[3] and tonumber(row[3]) > 0 then
      if not isSound(row[1], row[2], bucket) then
        for j = 1, #later do row[later[j]] = false end
        row[2] = false
      end
      for at = 3, final do
        local value = row[at]
        if value and value ~= '0' then sums[at] = sums[at] + tonumber(value) end
      end
      local seen = row[3] == row[4] and tonumber(row[1]) or bucket
      if not first or seen < first then first = seen end
      seen = row[2] and tonumber(row[2])
      if seen and (not last or seen > last) then last = seen end
      local slots = row[final + 1]
      latency[#latency + 1] = slots and string.sub(slots, 2) or ''
    end
  end
  arg = arg + count + 1
  local text = ''
  if first then
    text = 'firstSeen ' .. string.format('%.0f', first)
    for at = 3, final do
      text = text .. ' ' .. fields[at] .. ' ' .. string.format('%.0f', sums[at])
    end
    if last then text = text .. ' lastSeen ' .. string.format('%.0f', last) end
    if ARGV[2] ~= '' then text = text .. ' latency ,' .. table.concat(latency) end
  end
  texts[#texts + 1] = text
end
return texts
`);
