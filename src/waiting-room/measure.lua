-- measure: adds up the time that slots are held and people wait, and takes a sample, at most one in `everyMs`.
-- Guarantees: reads the line and changes nothing of it. After `gapMs` without a call the sums begin anew: nobody was
-- there, or nobody measured.
-- KEYS waiting returning active flow samples settings
-- ARGV everyMs samplesMax gapMs
-- Reply: the window's samples, oldest first, and last the present, whether kept or not; each: atMs active waiting
-- admitted entered pollsPerSecond capacity activeSeconds waitingSeconds finished, the last three since the sums began
local ms = math.floor(now_us() / 1000)
local active, waiting = redis.call('ZCARD', KEYS[3]), redis.call('ZCARD', KEYS[1]) + redis.call('ZCARD', KEYS[2])
local totals = redis.call('HMGET', KEYS[4], 'admitted', 'entered', 'sums')
local admitted = tonumber(totals[1] or 0)
local active_s, waiting_s, finished_before = 0, 0, admitted - active
local at, a, w, a_s, w_s, before = string.match(totals[3] or '', '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$')
if at and ms - at <= tonumber(ARGV[3]) then
  local half = math.max(0, ms - at) / 2000
  active_s, waiting_s, finished_before = a_s + (a + active) * half, w_s + (w + waiting) * half, tonumber(before)
end
redis.call('HSET', KEYS[4], 'sums', string.format('%.0f %d %d %.3f %.3f %d', ms, active, waiting, active_s, waiting_s,
  finished_before))
-- The five whole seconds before this one, of the ring that look.lua counts polls in.
local polls = 0
for _, cell in ipairs(redis.call('HMGET', KEYS[4], 0, 1, 2, 3, 4, 5, 6, 7)) do
  local second, count = string.match(cell or '', '(%d+):(%d+)')
  local ago = second and math.floor(ms / 1000) - second or 0
  if ago >= 1 and ago <= 5 then polls = polls + count end
end
local present = string.format('%.0f %d %d %d %d %s %d %.3f %.3f %d', ms, active, waiting, admitted, totals[2] or 0,
  polls / 5, redis.call('HGET', KEYS[6], 'capacity') or 0, active_s, waiting_s, admitted - active - finished_before)
local last = redis.call('LINDEX', KEYS[5], -1)
if not last or ms - tonumber(string.match(last, '^%d+')) >= tonumber(ARGV[1]) then
  redis.call('RPUSH', KEYS[5], present)
  redis.call('LTRIM', KEYS[5], -tonumber(ARGV[2]), -1)
  return redis.call('LRANGE', KEYS[5], 0, -1)
end
local samples = redis.call('LRANGE', KEYS[5], 0, -1)
samples[#samples + 1] = present
return samples
