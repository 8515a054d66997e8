-- apply: brings a room's settings from Postgres into Redis.
-- Guarantees: only a higher version replaces what is there; counters, places and slots are not touched. With
-- recoverMs of 0 or more the room is taken over from before a loss or restart, once: the settings are
-- written, and above 0 a window opens in which places return and nobody is admitted.
-- KEYS settings
-- ARGV version recoverMs fields...
-- fields are names and values in turn; an empty value removes the field. recoverMs -1: an ordinary change.
-- Reply: applied | current
local known = redis.call('HMGET', KEYS[1], 'version', 'runId')
local version, recover = tonumber(known[1] or 0), tonumber(ARGV[2])
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local taken_over = recover >= 0 and known[2] ~= run
if not taken_over and (not known[1] or version >= tonumber(ARGV[1])) then return {'current'} end
if version <= tonumber(ARGV[1]) then
  for i = 3, #ARGV, 2 do
    if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[i])
    else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
  end
  redis.call('HSET', KEYS[1], 'version', ARGV[1])
end
if taken_over then
  redis.call('HSET', KEYS[1], 'runId', run)
  local untilMs = recover > 0 and math.floor(now_us() / 1000) + recover or 0
  redis.call('HSET', KEYS[1], 'recoveringUntil', string.format('%.0f', untilMs))
end
return {'applied'}
