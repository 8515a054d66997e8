-- bury: reloads the record of ended places after a loss, and removes those of them that came back.
-- Guarantees: a place that ended stays ended; a newer place of the same customer is not touched.
-- KEYS waiting returning ended active places
-- ARGV goneMs ends...
-- ends are triples: customer, seq, reason.
-- Reply: buried removed
local ms = math.floor(now_us() / 1000)
local removed = 0
for i = 2, #ARGV, 3 do
  local customer, seq = ARGV[i], ARGV[i + 1]
  redis.call('ZADD', KEYS[3], 'NX', (ms + tonumber(ARGV[1])) * 8 + tonumber(ARGV[i + 2]), customer .. ':' .. seq)
  local place = redis.call('HGET', KEYS[5], customer)
  if place and struct.unpack('>dI4c1', place) == tonumber(seq) then
    redis.call('ZREM', KEYS[1], customer)
    redis.call('ZREM', KEYS[2], customer)
    redis.call('ZREM', KEYS[4], customer)
    redis.call('HDEL', KEYS[5], customer)
    removed = removed + 1
  end
end
return {'buried', removed}
