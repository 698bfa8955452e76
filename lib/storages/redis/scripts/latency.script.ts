/**
 * Lua for the counts of latency of a row, which are one text: `,178:3,201:1,`, slots and counts in
 * no order that matters. As a field for each slot they would take a busy row most of the time that
 * reading it takes. `merged(text, more)` gives the text of both; either may be nil or empty.
 *
 * Lua's numbers are floating: up to 2^53 they are whole, and counts end there.
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
