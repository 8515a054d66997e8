-- apply: brings a room's settings from Postgres into Redis.
-- Guarantees: only a higher version replaces what is there; counters, places and slots are not touched.
-- With recoverMs above 0 or settings missing, the settings are written whatever their version; above 0 it
-- opens (or prolongs) the window in which places return and nobody is admitted.
-- KEYS settings
-- ARGV version recoverMs fields...
-- Reply: applied | current
local version = redis.call('HGET', KEYS[1], 'version')
local recover = tonumber(ARGV[2])
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
if version and tonumber(version) >= tonumber(ARGV[1]) and recover < 0 then return {'current'} end
for i = 3, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[i])
  else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
redis.call('HSET', KEYS[1], 'version', math.max(tonumber(version or 0), tonumber(ARGV[1])))
if recover >= 0 then redis.call('HSET', KEYS[1], 'runId', run) end
if recover > 0 then
  local untilMs = math.floor(now_us() / 1000) + recover
  redis.call('HSET', KEYS[1], 'recoveringUntil', math.max(untilMs, tonumber(redis.call('HGET', KEYS[1], 'recoveringUntil') or 0)))
end
return {'applied'}
