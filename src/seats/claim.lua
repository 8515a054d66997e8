-- claim: keeps others from the seats while Postgres decides.
-- Guarantees: all seats or none; nobody's claim is overwritten; who meets a claim of their own goes on.
-- One seat, the usual wish, is claimed by a single command that sets only what nobody has.
-- KEYS seats...
-- ARGV customer claim ttlMs
-- Reply: claimed | taken positions (from 1)
local mine = ARGV[1] .. ':' .. ARGV[2]
if not KEYS[2] and redis.call('SET', KEYS[1], mine, 'PX', ARGV[3], 'NX') then return 'claimed' end
local taken = {}
for i, key in ipairs(KEYS) do
  local owner = redis.call('GET', key)
  if owner and string.match(owner, '^%d+') ~= ARGV[1] then taken[#taken + 1] = i end
end
if #taken > 0 then return {'taken', taken} end
for _, key in ipairs(KEYS) do
  redis.call('SET', key, mine, 'PX', ARGV[3], 'NX')
end
return 'claimed'
