import { createHash } from 'node:crypto'

/**
 * The algorithm of gcra.ts in Lua, for all limits of a request in one call, so that all are taken or none.
 * Lua's numbers are doubles as well, so both count exactly; `%.0f` writes them without an exponent.
 * KEYS: the buckets. ARGV: the cost, then count, period, burst and level to add first (spent elsewhere) per bucket.
 * Answers 1 or 0 for taken, the time, then a level per bucket: poured when taken, else found.
 * The time is that of the server, since the clocks of nodes differ; a bucket ends when it has drained, for then it
 * says nothing. Time of a server that went backwards (a replica took over) drains nothing.
 */
const source = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local cost = tonumber(ARGV[1])
local levels, ats, taken, answer = {}, {}, 1, {0, now}
for i, key in ipairs(KEYS) do
  local a = i * 4 - 2
  local count, period, burst, spent = tonumber(ARGV[a]), tonumber(ARGV[a + 1]), tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
  local level, at = 0, now
  local stored = redis.call('GET', key)
  if stored then
    local split = string.find(stored, ':', 1, true)
    level, at = tonumber(string.sub(stored, 1, split - 1)), tonumber(string.sub(stored, split + 1))
    if now > at then level, at = math.max(0, level - count * (now - at)), now end
  end
  if spent > 0 then level = math.max(level, math.min(level + spent, burst * period)) end
  if cost > 0 and level + (cost - burst) * period > 0 then taken = 0 end
  levels[i], ats[i] = level, at
end
for i, key in ipairs(KEYS) do
  local a = i * 4 - 2
  local count, period, spent = tonumber(ARGV[a]), tonumber(ARGV[a + 1]), tonumber(ARGV[a + 3])
  if taken == 1 then levels[i] = levels[i] + cost * period end
  if (taken == 1 and cost > 0) or spent > 0 then
    local ttl = math.ceil(levels[i] / count) + ats[i] - now
    redis.call('SET', key, string.format('%.0f:%.0f', levels[i], ats[i]), 'PX', string.format('%.0f', math.max(1, ttl)))
  end
  answer[i + 2] = levels[i]
end
answer[1] = taken
return answer
`

export const takeTokensScript = { source, sha1: createHash('sha1').update(source).digest('hex') }
