-- leave: ends one place, wherever it stands: paid, left or removed.
-- Guarantees: only the place with this seq ends (0: whichever the customer has), once; its end is recorded
-- even when the place is missing, so that it cannot come back after Redis lost it.
-- KEYS waiting returning ended active places
-- ARGV customer seq reason goneMs
-- Reply: left seq hadSlot nowMs | absent
local ms = math.floor(now_us() / 1000)
local asked, reason = tonumber(ARGV[2]), tonumber(ARGV[3])
local place = redis.call('HGET', KEYS[5], ARGV[1])
local seq = place and struct.unpack('>dI4c1', place)
local here = place and (asked == 0 or asked == seq)
local member = ARGV[1] .. ':' .. string.format('%.0f', here and seq or asked)
if here or asked > 0 then redis.call('ZADD', KEYS[3], 'NX', (ms + tonumber(ARGV[4])) * 8 + reason, member) end
if not here then return {'absent'} end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[5], ARGV[1])
return {'left', string.format('%.0f', seq), redis.call('ZREM', KEYS[4], ARGV[1]), ms}
