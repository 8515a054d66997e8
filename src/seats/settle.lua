-- settle: makes the claims of a hold that Postgres granted last as long as the hold.
-- Guarantees: nobody else's claim is touched; a claim lasts `longerMs` longer than it would have, so that one
-- made before its hold never outlives it, however late this comes; one that lapsed stays lapsed. An earlier
-- claim of the same customer becomes this one and keeps its own end.
-- KEYS seats...
-- ARGV customer claim longerMs
-- Reply: settled count
local count, mine = 0, ARGV[1] .. ':' .. ARGV[2]
for _, key in ipairs(KEYS) do
  local owner = redis.call('GET', key)
  if owner == mine then
    redis.call('PEXPIRE', key, redis.call('PTTL', key) + ARGV[3])
    count = count + 1
  elseif owner and string.match(owner, '^%d+') == ARGV[1] then
    redis.call('SET', key, mine, 'KEEPTTL')
    count = count + 1
  end
end
return {'settled', count}
