-- look: the poll. Answers where each (customer, seq) stands and records that the customer was seen.
-- Guarantees: the number is the true rank in the line at this moment; the first look after a call turns the
-- claim window into a full slot; a place that is neither here nor recorded as ended is restored at its seq
-- (Redis lost it), into the line during recovery, else among those who are served first.
-- KEYS settings rate seq waiting returning ended active places flow
-- ARGV goneMs pairs
-- pairs is one text of at most 64 places, customer and seq in turn, and so are the places in the reply: to take apart that many values
-- costs a client more than all the rest.
-- seq 0 asks for whatever place the customer has. A contact is written when the last is older than an eighth
-- of the grace: with polls at most a quarter apart, who obeys is always seen within half of it.
-- Reply: unloaded nowMs | ok nowMs settings… waiting returning active admitted flow…, then for each pair code,more,a,ago:
-- expired 0 (reason, when the place ended here), waiting 1 (rank from 0), returning 2 (0), active 3 (deadline); seq is
-- what was asked and `more`, the last contact was `ago` ms before now: short numbers are what a reply costs least for.
local ms = math.floor(now_us() / 1000)
local s = redis.call('HMGET', KEYS[1], 'graceMs', 'slotMs', 'recoveringUntil', 'runId', 'state', 'capacity',
  'pollBudget', 'opensAt', 'admitPerMinute')
if not s[1] then return {'unloaded', ms} end
local grace, slot, floor = tonumber(s[1]), tonumber(s[2]), tonumber(s[3] or 0)
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
-- Nobody could be seen while Redis was away: until the room is taken over, nobody is gone.
if s[4] ~= run then floor = ms end
local recovering = s[4] ~= run or floor > ms
local goneAt = ms + tonumber(ARGV[1])

local customers, seqs = {}, {}
for customer, seq in string.gmatch(ARGV[2], '(%d+) (%d+)') do
  customers[#customers + 1], seqs[#seqs + 1] = customer, tonumber(seq)
end
-- The record of each as it stands by now, false where there is none.
local records = {}
if #customers > 0 then
  for i, record in ipairs(redis.call('HMGET', KEYS[8], unpack(customers))) do records[customers[i]] = record end
end

-- Whose record is to be written, in one command at the end.
local fresh = {}

local function put(customer, seq, at, state, since)
  records[customer] = struct.pack('>dI4c1d', seq, math.floor(at / 1000), state, since)
  fresh[#fresh + 1] = customer
end

local function drop(customer)
  for i = 4, 7 do
    if i ~= 6 then redis.call('ZREM', KEYS[i], customer) end
  end
  records[customer] = false
  redis.call('HDEL', KEYS[8], customer)
end

local function finish(customer, seq, reason)
  drop(customer)
  redis.call('ZADD', KEYS[6], goneAt * 8 + reason, customer .. ':' .. string.format('%.0f', seq))
  return 0, seq, reason, ms
end

local function come_back(customer, seq, key)
  redis.call('ZREM', KEYS[7], customer)
  redis.call('ZADD', KEYS[key], string.format('%.0f', seq), customer)
  put(customer, seq, ms, key == 4 and 'w' or 'r', 0)
  -- What is told is what is recorded: contacts are kept in whole seconds.
  if key == 4 then return 1, seq, redis.call('ZRANK', KEYS[4], customer), ms - ms % 1000 end
  return 2, seq, 0, ms - ms % 1000
end

local function restore(customer, seq)
  if seq == 0 or redis.call('ZSCORE', KEYS[6], customer .. ':' .. string.format('%.0f', seq)) then
    return 0, seq, 0, ms
  end
  local last = tonumber(redis.call('GET', KEYS[3]) or 0)
  if seq > last then redis.call('SET', KEYS[3], string.format('%.0f', seq)) end
  return come_back(customer, seq, recovering and 4 or 5)
end

local function stand(customer, asked)
  local record = records[customer]
  if not record then return restore(customer, asked) end
  local seq, at, state, since = struct.unpack('>dI4c1d', record)
  if asked > seq then
    -- Who has a later place has ended this one, in what Redis lost.
    finish(customer, seq, 4)
    return restore(customer, asked)
  end
  if asked ~= 0 and asked < seq then return 0, asked, 0, ms end
  at = at * 1000
  if state == 's' or state == 'c' then
    local deadline = tonumber(redis.call('ZSCORE', KEYS[7], customer))
    if deadline <= ms then
      if state == 'c' then return come_back(customer, seq, 5) end
      return finish(customer, seq, 3)
    end
    if state == 'c' then
      deadline = ms + slot
      redis.call('ZADD', KEYS[7], deadline, customer)
      put(customer, seq, ms, 's', ms)
    end
    return 3, seq, deadline, ms
  end
  if math.max(at, floor) + grace < ms then return finish(customer, seq, 4) end
  if state == 'a' then return come_back(customer, seq, 5) end
  if ms - at > grace / 8 then
    put(customer, seq, ms, state, since)
    at = ms - ms % 1000
  end
  if state == 'r' then return 2, seq, 0, math.max(at, floor) end
  return 1, seq, redis.call('ZRANK', KEYS[4], customer), math.max(at, floor)
end

local admitted, buckets = 0, redis.call('HGETALL', KEYS[2])
for i = 1, #buckets, 2 do
  if tonumber(buckets[i]) >= math.floor(ms / 1000) - 60 then admitted = admitted + buckets[i + 1] end
end
local places = {}
for i, customer in ipairs(customers) do
  local code, seq, a, contact = stand(customer, seqs[i])
  places[i] = string.format('%d,%d,%d,%d', code, seq - seqs[i], a, ms - contact)
end
local written = {}
for _, customer in ipairs(fresh) do
  -- Nothing is left of a place that ended after it was written.
  if records[customer] then
    written[#written + 1], written[#written + 2] = customer, records[customer]
  end
end
if #written > 0 then redis.call('HSET', KEYS[8], unpack(written)) end
-- Polls of the last seconds, a field each in a ring of eight.
if #places > 0 then
  local second, field = math.floor(ms / 1000), math.floor(ms / 1000) % 8
  local at, polls = string.match(redis.call('HGET', KEYS[9], field) or '', '(%d+):(%d+)')
  redis.call('HSET', KEYS[9], field, second .. ':' .. ((tonumber(at) == second and polls or 0) + #places))
end
local flow = redis.call('HMGET', KEYS[9], 'finishPerSlotSecond', 'leavePerSecond', 'finished', 'finishedInAll')
return {'ok', ms, s[5], grace, slot, tonumber(s[6]), tonumber(s[7]), tonumber(s[8] or 0), tonumber(s[9] or -1),
  recovering and 1 or 0, redis.call('ZCARD', KEYS[4]), redis.call('ZCARD', KEYS[5]), redis.call('ZCARD', KEYS[7]),
  admitted, flow[1] or '', flow[2] or '', flow[3] or '', flow[4] or '', table.concat(places, ',')}
