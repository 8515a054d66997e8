-- sweep: one bounded step of a walk over all places that ends those whose grace has passed.
-- Guarantees: numbers count living people; a place is kept for at least the grace after its last recorded
-- contact, and after a recovery for the grace after that; slots are left to their deadlines. Until a room is
-- taken over after a restart of Redis, nobody is gone.
-- KEYS settings waiting returning ended places
-- ARGV goneMs cursor count
-- Reply: unloaded | ok cursor nowMs recovering, then customer, seq and reason of each place that ended
local ms = math.floor(now_us() / 1000)
local s = redis.call('HMGET', KEYS[1], 'graceMs', 'recoveringUntil', 'runId')
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
if not s[1] or s[3] ~= run then return {'unloaded'} end
local ended = {}
local step = redis.call('HSCAN', KEYS[5], ARGV[2], 'COUNT', ARGV[3])
for i = 1, #step[2], 2 do
  local customer = step[2][i]
  local seq, at, state = struct.unpack('>dI4c1', step[2][i + 1])
  if state ~= 's' and state ~= 'c' and math.max(at * 1000, tonumber(s[2] or 0)) + tonumber(s[1]) < ms then
    redis.call('ZREM', KEYS[2], customer)
    redis.call('ZREM', KEYS[3], customer)
    redis.call('HDEL', KEYS[5], customer)
    redis.call('ZADD', KEYS[4], (ms + tonumber(ARGV[1])) * 8 + 4, customer .. ':' .. string.format('%.0f', seq))
    ended[#ended + 1] = customer
    ended[#ended + 1] = string.format('%.0f', seq)
    ended[#ended + 1] = '4'
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', ms * 8)
return {'ok', step[1], ms, tonumber(s[2] or 0) > ms and 1 or 0, ended}
