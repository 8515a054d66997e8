-- verify: one bounded step of a walk over a room that looks for places in the wrong structure.
-- Guarantees: changes nothing; what it counts is true of one moment.
-- KEYS seq waiting returning ended active places
-- ARGV part cursor count
-- part 1 walks the places: each stands exactly where its state says, at its seq, has not ended, and bears no
-- number that was not issued. 2, 3 and 4 walk waiting, returning and active: each member has a place.
-- Reply: cursor looked wrong
local part, wrong = tonumber(ARGV[1]), 0
local last = tonumber(redis.call('GET', KEYS[1]) or 0)

local function stands(customer, packed)
  local seq, _, state = struct.unpack('>dI4c1', packed)
  local member = customer .. ':' .. string.format('%.0f', seq)
  if seq > last or redis.call('ZSCORE', KEYS[4], member) then return false end
  local waiting, returning = redis.call('ZSCORE', KEYS[2], customer), redis.call('ZSCORE', KEYS[3], customer)
  local active = redis.call('ZSCORE', KEYS[5], customer)
  if state == 'w' then return tonumber(waiting or 0) == seq and not returning and not active end
  if state == 'r' then return tonumber(returning or 0) == seq and not waiting and not active end
  if state == 'a' then return not waiting and not returning and not active end
  return active and not waiting and not returning
end

local step
if part == 1 then
  step = redis.call('HSCAN', KEYS[6], ARGV[2], 'COUNT', ARGV[3])
  for i = 1, #step[2], 2 do
    if not stands(step[2][i], step[2][i + 1]) then wrong = wrong + 1 end
  end
else
  step = redis.call('ZSCAN', KEYS[part == 4 and 5 or part], ARGV[2], 'COUNT', ARGV[3])
  for i = 1, #step[2], 2 do
    if redis.call('HEXISTS', KEYS[6], step[2][i]) == 0 then wrong = wrong + 1 end
  end
end
return {step[1], #step[2] / 2, wrong}
