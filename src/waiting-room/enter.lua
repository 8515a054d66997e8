-- enter: gives each customer a place in the room's line, or a slot at once when the room has one free.
-- Guarantees: a customer has one place; entering again changes nothing; seq rises strictly and never falls
-- back (it is the larger of last + 1 and the time in microseconds, so a lost tail of writes cannot be
-- issued twice); a slot is given only within capacity and rate and with nobody in line before.
-- KEYS settings rate seq waiting returning ended active places flow
-- ARGV goneMs customers...
-- Reply: unloaded | ok ended codes; codes, one text, has for each customer code and seq: known 0, queued 1, admitted 2, full -1, closed -2
-- ended: customer, seq and reason of each place that ended here. A room that Redis knows from before a restart is
-- unloaded too: it has to be taken over before anybody joins.
local now = now_us()
local ms = math.floor(now / 1000)
local s = redis.call('HMGET', KEYS[1], 'state', 'capacity', 'admitPerMinute', 'claimMs', 'graceMs', 'waitingMax',
  'opensAt', 'closesAt', 'recoveringUntil', 'runId')
if not s[1] or s[10] ~= string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') then return {'unloaded'} end
local recovering = tonumber(s[9] or 0) > ms
local closed = s[1] == 'CLOSED' or (tonumber(s[8]) or math.huge) <= ms
local opened = s[1] == 'OPEN' and (tonumber(s[7]) or 0) <= ms and not recovering
local grace, seen = tonumber(s[5]), math.floor(ms / 1000)
local last = tonumber(redis.call('GET', KEYS[3]) or 0)
local ended, entered, let_in = {}, 0, 0
local codes = {}

local function live(customer)
  local place = redis.call('HGET', KEYS[8], customer)
  if not place then return nil end
  local seq, at, state = struct.unpack('>dI4c1', place)
  local over
  if state == 's' then
    over = tonumber(redis.call('ZSCORE', KEYS[7], customer)) <= ms
  else
    over = state ~= 'c' and math.max(at * 1000, tonumber(s[9] or 0)) + grace < ms
  end
  if not over then return seq end
  redis.call('ZREM', KEYS[4], customer)
  redis.call('ZREM', KEYS[5], customer)
  redis.call('ZREM', KEYS[7], customer)
  redis.call('HDEL', KEYS[8], customer)
  local reason, n = state == 's' and 3 or 4, #ended
  redis.call('ZADD', KEYS[6], (ms + tonumber(ARGV[1])) * 8 + reason, customer .. ':' .. string.format('%.0f', seq))
  ended[n + 1], ended[n + 2], ended[n + 3] = tonumber(customer), seq, reason
end

local function slot_free()
  if not opened or redis.call('ZCARD', KEYS[4]) + redis.call('ZCARD', KEYS[5]) > 0 then return false end
  if redis.call('ZCARD', KEYS[7]) >= tonumber(s[2]) then return false end
  local rate = tonumber(s[3])
  if not rate then return true end
  local second, admitted = math.floor(ms / 1000), 0
  local buckets = redis.call('HGETALL', KEYS[2])
  for i = 1, #buckets, 2 do
    if tonumber(buckets[i]) >= second - 60 then admitted = admitted + buckets[i + 1] end
  end
  return admitted < rate
end

for i = 2, #ARGV do
  local customer, code = ARGV[i], 0
  local seq = live(customer)
  if not seq then
    local admit = slot_free()
    if closed then code = -2
    elseif admit then code = 2
    elseif redis.call('HLEN', KEYS[8]) - redis.call('ZCARD', KEYS[7]) >= tonumber(s[6]) then code = -1
    else code = 1 end
    if code > 0 then
      entered = entered + 1
      last = math.max(last + 1, now)
      seq = last
      redis.call('HSET', KEYS[8], customer, struct.pack('>dI4c1d', seq, seen, admit and 'c' or 'w', ms))
    end
    if code == 1 then redis.call('ZADD', KEYS[4], 'NX', string.format('%.0f', seq), customer) end
    if code == 2 then
      let_in = let_in + 1
      redis.call('ZADD', KEYS[7], ms + tonumber(s[4]), customer)
      redis.call('HINCRBY', KEYS[2], math.floor(ms / 1000), 1)
    end
  end
  codes[#codes + 1] = string.format('%d,%d', code, seq or 0)
end
if entered > 0 then
  redis.call('SET', KEYS[3], string.format('%.0f', last))
  redis.call('HINCRBY', KEYS[9], 'entered', entered)
end
if let_in > 0 then redis.call('HINCRBY', KEYS[9], 'admitted', let_in) end
return {'ok', ended, table.concat(codes, ',')}
