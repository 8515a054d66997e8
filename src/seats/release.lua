-- release: gives claims back.
-- Guarantees: compare and delete; only claims of this customer under this claim id go.
-- KEYS seats...
-- ARGV customer claim
-- Reply: released count
local count = 0
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] .. ':' .. ARGV[2] then count = count + redis.call('DEL', key) end
end
return {'released', count}
