-- retract: takes an extension back after the hold it was for did not come about.
-- Guarantees: the deadline changes only when nobody changed it since, and only for this place.
-- KEYS active places
-- ARGV customer seq fromMs toMs
-- Reply: retracted | changed
local place = redis.call('HGET', KEYS[2], ARGV[1])
if not place or struct.unpack('>dI4c1', place) ~= tonumber(ARGV[2]) then return {'changed'} end
local deadline = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not deadline or tonumber(deadline) ~= tonumber(ARGV[3]) then return {'changed'} end
redis.call('ZADD', KEYS[1], ARGV[4], ARGV[1])
return {'retracted'}
