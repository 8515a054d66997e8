-- inspect: one customer's place as an operator sees it; changes nothing.
-- KEYS waiting active places
-- ARGV customer
-- Reply: absent | here seq seenMs state rank deadlineMs
local place = redis.call('HGET', KEYS[3], ARGV[1])
if not place then return {'absent'} end
local seq, at, state = struct.unpack('>dI4c1', place)
return {'here', string.format('%.0f', seq), at * 1000, state, redis.call('ZRANK', KEYS[1], ARGV[1]) or -1,
  tonumber(redis.call('ZSCORE', KEYS[2], ARGV[1]) or 0)}
