-- admit: ends slots whose time is over, then lets the front of the line in: first those who returned after
-- being called, then those who wait, in seq order.
-- Guarantees: never more active than capacity, never more admitted in a sliding minute than the rate, nobody
-- while the room recovers; who was not seen within half the grace, counted from the end of the second that
-- the contact is kept in, takes no slot and is set aside with the seq kept. At most `max` slots are ended and
-- at most `max` people looked at.
-- KEYS settings rate waiting returning ended active places flow
-- ARGV goneMs max byHand
-- byHand 1 obeys the capacity but neither the rate nor PAUSED nor the opening time.
-- Reply: unloaded | restarted | ok nowMs waiting returning active nextDeadlineMs settled people customers seqs returned ended
-- people: all who have a place, whatever its state. settled: slots and places that ended or were set aside. customers,
-- one text: those looked at; seqs: of each, 0 for who was not called; returned: of those called, who had been away or
-- was restored after a loss. ended: customer, seq and reason of each place that ended here.
local ms = math.floor(now_us() / 1000)
local s = redis.call('HMGET', KEYS[1], 'state', 'capacity', 'admitPerMinute', 'claimMs', 'graceMs', 'opensAt',
  'recoveringUntil', 'runId')
if not s[1] then return {'unloaded'} end
if s[8] ~= string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') then return {'restarted'} end
local grace, floor, max, byHand = tonumber(s[5]), tonumber(s[7] or 0), tonumber(ARGV[2]), ARGV[3] == '1'
local called, customers, seqs, returned, ended, settled, second = 0, {}, {}, {}, {}, 0, math.floor(ms / 1000)

local function set_aside_or_end(customer, seq, at, reason)
  settled = settled + 1
  if reason == 4 and math.max(at * 1000, floor) + grace >= ms then
    return redis.call('HSET', KEYS[7], customer, struct.pack('>dI4c1d', seq, at, 'a', 0))
  end
  redis.call('HDEL', KEYS[7], customer)
  redis.call('ZADD', KEYS[5], (ms + tonumber(ARGV[1])) * 8 + reason, customer .. ':' .. string.format('%.0f', seq))
  ended[#ended + 1] = customer
  ended[#ended + 1] = string.format('%.0f', seq)
  ended[#ended + 1] = tostring(reason)
end

local over = redis.call('ZRANGEBYSCORE', KEYS[6], '-inf', ms, 'LIMIT', 0, max)
if #over > 0 then
  -- Records are read before anything is taken; a slot without a record is freed, and nobody told.
  local places = redis.call('HMGET', KEYS[7], unpack(over))
  redis.call('ZREM', KEYS[6], unpack(over))
  for n, place in ipairs(places) do
    if place then
      local seq, at, state = struct.unpack('>dI4c1d', place)
      set_aside_or_end(over[n], seq, at, state == 's' and 3 or 4)
    end
  end
end

local room = tonumber(s[2]) - redis.call('ZCARD', KEYS[6])
local admitted, buckets = 0, redis.call('HGETALL', KEYS[2])
for i = 1, #buckets, 2 do
  if tonumber(buckets[i]) < second - 60 then redis.call('HDEL', KEYS[2], buckets[i])
  else admitted = admitted + buckets[i + 1] end
end
if not byHand then
  if s[3] and s[3] ~= '' then room = math.min(room, tonumber(s[3]) - admitted) end
  if s[1] == 'PAUSED' or (tonumber(s[6]) or 0) > ms then room = 0 end
end
if floor > ms then room = 0 end

-- One command moves many: per person only what Lua must do. Of a record the seq and the contact, twelve bytes, stay.
local take_apart, sub = struct.unpack, string.sub
local deadline, called_now = string.format('%.0f', ms + tonumber(s[4])), struct.pack('>c1d', 'c', ms)
for i = 4, 3, -1 do
  while room > called and max > 0 do
    local front = redis.call('ZRANGE', KEYS[i], 0, math.min(room - called, max, 1000) - 1)
    if #front == 0 then break end
    max = max - #front
    redis.call('ZREMRANGEBYRANK', KEYS[i], 0, #front - 1)
    local places = redis.call('HMGET', KEYS[7], unpack(front))
    local slots, records, k, looked = {}, {}, 0, #seqs
    for n = 1, #front do
      local customer, place, turn = front[n], places[n], 0
      if place then
        local seq, at, since = take_apart('>dI4xd', place)
        if ms - (at + 1) * 1000 > grace / 2 then
          set_aside_or_end(customer, seq, at, 4)
        else
          slots[k + 1], slots[k + 2] = deadline, customer
          records[k + 1], records[k + 2] = customer, sub(place, 1, 12) .. called_now
          k, turn = k + 2, seq
          if i == 4 or since == 0 then returned[#returned + 1] = customer end
        end
      else
        -- Who has no record takes no slot; the next poll brings the place back.
        settled = settled + 1
      end
      seqs[looked + n] = turn
    end
    called = called + k / 2
    customers[#customers + 1] = table.concat(front, ',')
    if k > 0 then
      redis.call('ZADD', KEYS[6], unpack(slots))
      redis.call('HSET', KEYS[7], unpack(records))
    end
  end
end
if called > 0 then
  redis.call('HINCRBY', KEYS[2], second, called)
  redis.call('HINCRBY', KEYS[8], 'admitted', called)
end
local first = redis.call('ZRANGE', KEYS[6], 0, 0, 'WITHSCORES')
return {'ok', ms, redis.call('ZCARD', KEYS[3]), redis.call('ZCARD', KEYS[4]), redis.call('ZCARD', KEYS[6]),
  tonumber(first[2] or 0), settled, redis.call('HLEN', KEYS[7]), table.concat(customers, ','), seqs, returned, ended}
