-- extend: proves a slot by customer and seq, and pushes its deadline over a coming hold.
-- Guarantees: a slot never ends before a hold that was made in it, and never lasts longer than slot time
-- plus one hold after it was claimed. Each call that needs the slot longer moves the deadline, if only by a
-- millisecond: taking one extension back never takes another's.
-- KEYS settings waiting active places
-- ARGV customer seq holdMs
-- Reply: extended deadlineMs previousMs | waiting rank | ended
local ms = math.floor(now_us() / 1000)
local place = redis.call('HGET', KEYS[4], ARGV[1])
if not place then return {'ended'} end
local seq, at, state, since = struct.unpack('>dI4c1d', place)
if seq ~= tonumber(ARGV[2]) then return {'ended'} end
if state == 'w' then return {'waiting', redis.call('ZRANK', KEYS[2], ARGV[1])} end
if state ~= 's' and state ~= 'c' then return {'waiting', 0} end
local slot = tonumber(redis.call('HGET', KEYS[1], 'slotMs'))
local deadline = tonumber(redis.call('ZSCORE', KEYS[3], ARGV[1]))
if deadline <= ms then return {'ended'} end
if state == 'c' then
  since = ms
  deadline = ms + slot
  redis.call('HSET', KEYS[4], ARGV[1], struct.pack('>dI4c1d', seq, math.floor(ms / 1000), 's', since))
end
if ms > since + slot then return {'ended'} end
local needed = ms + tonumber(ARGV[3])
local extended = needed == deadline and deadline + 1 or math.max(deadline, needed)
redis.call('ZADD', KEYS[3], extended, ARGV[1])
return {'extended', extended, deadline}
