-- settle: makes the claims of a hold that Postgres granted last exactly as long as the hold.
-- Guarantees: nobody else's claim is touched.
-- KEYS seats...
-- ARGV customer claim ttlMs
-- Reply: settled count
local count = 0
for _, key in ipairs(KEYS) do
  local owner = redis.call('GET', key)
  if not owner or string.match(owner, '^%d+') == ARGV[1] then
    redis.call('SET', key, ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
    count = count + 1
  end
end
return {'settled', count}
