-- measure: takes a sample of the room's counters, at most one in `everyMs`, and answers the window's samples.
-- Guarantees: reads the line and changes nothing of it.
-- KEYS waiting returning active flow samples
-- ARGV everyMs samplesMax
-- Reply: samples, five numbers each: atMs active waiting admitted entered, oldest first
local ms = math.floor(now_us() / 1000)
local last = redis.call('LINDEX', KEYS[5], -1)
if not last or ms - tonumber(string.match(last, '^%d+')) >= tonumber(ARGV[1]) then
  local totals = redis.call('HMGET', KEYS[4], 'admitted', 'entered')
  redis.call('RPUSH', KEYS[5], table.concat({string.format('%.0f', ms), redis.call('ZCARD', KEYS[3]),
    redis.call('ZCARD', KEYS[1]) + redis.call('ZCARD', KEYS[2]), totals[1] or 0, totals[2] or 0}, ' '))
  redis.call('LTRIM', KEYS[5], -tonumber(ARGV[2]), -1)
end
return redis.call('LRANGE', KEYS[5], 0, -1)
