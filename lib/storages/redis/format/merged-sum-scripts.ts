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
 * their hits go. KEYS: keys of a bucket.
 */
export const HITS_DIGESTS = redisScript(`
local digests = {}
for i, keys in ipairs(KEYS) do
  digests[i] = redis.sha1hex(table.concat(redis.call('ZRANGE', keys, 0, -1, 'WITHSCORES'), ' '))
end
return digests
`);

const NAMES = MEASURES.map(({ name }) => name);
const ADDED = MEASURES.filter(({ merge }) => merge === 'add').map(({ name }) => name);
const LATER = MEASURES.filter(({ since }) => since > 1).map(({ name }) => name);
/** The place of a measure among the fields that are read. */
const placeOf = (name: string) => NAMES.indexOf(name as (typeof NAMES)[number]) + 1;
const [HITS, MEASURED, FIRST, LAST] = ['hits', 'measured', 'firstSeen', 'lastSeen'].map(placeOf);
const places = (names: readonly string[]) => names.map(placeOf).join(', ');

/**
 * Adds up the rows of each key. KEYS: rows, key by key. ARGV: more than the length of any bucket;
 * `latency` if it is wanted, else empty; for each key its number of rows, then the first instant of
 * the bucket of each. Answers with one text of fields and values for each key, where the counts of
 * latency may have a slot several times; empty if there are no requests.
 */
export const MERGED_ROWS = redisScript(`${IS_SOUND}
local call, texts, key, arg = redis.call, {}, 0, 3
local fields = { ${NAMES.map((name) => `'${name}'`).join(', ')} }
if ARGV[2] ~= '' then fields[#fields + 1] = ARGV[2] end
while arg <= #ARGV do
  local sums, latency, first, last = {}, {}, nil, nil
  for _, at in ipairs({ ${places(ADDED)} }) do sums[at] = 0 end
  local count = tonumber(ARGV[arg])
  for i = 1, count do
    key = key + 1
    local bucket = tonumber(ARGV[arg + i])
    local row = call('HMGET', KEYS[key], unpack(fields))
    if row[${HITS}] and tonumber(row[${HITS}]) > 0 then
      if not isSound(row[${FIRST}], row[${LAST}], bucket) then
        for _, at in ipairs({ ${places(LATER)} }) do row[at] = false end
      end
      for _, at in ipairs({ ${places(ADDED)} }) do sums[at] = sums[at] + tonumber(row[at] or 0) end
      local seen = row[${HITS}] == row[${MEASURED}] and tonumber(row[${FIRST}]) or bucket
      if not first or seen < first then first = seen end
      seen = row[${LAST}] and tonumber(row[${LAST}])
      if seen and (not last or seen > last) then last = seen end
      latency[#latency + 1] = row[${NAMES.length + 1}] and string.sub(row[${NAMES.length + 1}], 2) or ''
    end
  end
  arg = arg + count + 1
  local text = ''
  if first then
    text = 'firstSeen ' .. string.format('%.0f', first)
    for at, sum in pairs(sums) do text = text .. ' ' .. fields[at] .. ' ' .. string.format('%.0f', sum) end
    if last then text = text .. ' lastSeen ' .. string.format('%.0f', last) end
    if ARGV[2] ~= '' then text = text .. ' latency ,' .. table.concat(latency) end
  end
  texts[#texts + 1] = text
end
return texts
`);
