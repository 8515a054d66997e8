-- bury: reloads from the record what a loss may have taken: which places ended, the last seq that was issued, and
-- the admissions of the last minute.
-- Guarantees: a place that ended stays ended; a newer place of the same customer is not touched; the counter and
-- the admissions of a second only rise.
-- KEYS rate seq waiting returning ended active places
-- ARGV goneMs lastSeq admissions ends...
-- admissions is `second:people` for each second, with a comma between two.
-- ends are triples: customer, seq, reason.
-- Reply: buried removed
local ms = math.floor(now_us() / 1000)
local removed = 0
if tonumber(ARGV[2]) > tonumber(redis.call('GET', KEYS[2]) or 0) then redis.call('SET', KEYS[2], ARGV[2]) end
for second, people in string.gmatch(ARGV[3], '(%d+):(%d+)') do
  local counts = tonumber(second) >= math.floor(ms / 1000) - 60
  if counts and tonumber(people) > tonumber(redis.call('HGET', KEYS[1], second) or 0) then
    redis.call('HSET', KEYS[1], second, people)
  end
end
for i = 4, #ARGV, 3 do
  local customer, seq = ARGV[i], ARGV[i + 1]
  redis.call('ZADD', KEYS[5], 'NX', (ms + tonumber(ARGV[1])) * 8 + tonumber(ARGV[i + 2]), customer .. ':' .. seq)
  local place = redis.call('HGET', KEYS[7], customer)
  if place and struct.unpack('>dI4c1', place) == tonumber(seq) then
    redis.call('ZREM', KEYS[3], customer)
    redis.call('ZREM', KEYS[4], customer)
    redis.call('ZREM', KEYS[6], customer)
    redis.call('HDEL', KEYS[7], customer)
    removed = removed + 1
  end
end
return {'buried', removed}
