-- measure: takes a sample of the room's counters, at most one in `everyMs`, and answers the window's samples.
-- Guarantees: reads the line and changes nothing of it.
-- KEYS waiting returning active flow samples settings
-- ARGV everyMs samplesMax
-- Reply: samples, oldest first, each: atMs active waiting admitted entered pollsPerSecond capacity
local ms = math.floor(now_us() / 1000)
local last = redis.call('LINDEX', KEYS[5], -1)
if not last or ms - tonumber(string.match(last, '^%d+')) >= tonumber(ARGV[1]) then
  local totals = redis.call('HMGET', KEYS[4], 'admitted', 'entered')
  -- The five whole seconds before this one, of the ring that look.lua counts polls in.
  local polls = 0
  for _, cell in ipairs(redis.call('HMGET', KEYS[4], 0, 1, 2, 3, 4, 5, 6, 7)) do
    local at, count = string.match(cell or '', '(%d+):(%d+)')
    local ago = at and math.floor(ms / 1000) - at or 0
    if ago >= 1 and ago <= 5 then polls = polls + count end
  end
  redis.call('RPUSH', KEYS[5], table.concat({string.format('%.0f', ms), redis.call('ZCARD', KEYS[3]),
    redis.call('ZCARD', KEYS[1]) + redis.call('ZCARD', KEYS[2]), totals[1] or 0, totals[2] or 0, polls / 5,
    redis.call('HGET', KEYS[6], 'capacity') or 0}, ' '))
  redis.call('LTRIM', KEYS[5], -tonumber(ARGV[2]), -1)
end
return redis.call('LRANGE', KEYS[5], 0, -1)
