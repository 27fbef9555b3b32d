// One rate limit over three nodes through Redis, for a minute; the same while Redis fails; and a quota whose takers are
// many and whose nodes die. BENCH_SECONDS: of the first, 60 when absent.
import { nodesKnowEachOtherMs, proveRedisFaults, proveSharedLimit } from '@letterlock/e2e/limits-nodes'
import { startRedis } from '@letterlock/e2e/nodes/redis-server'
import { startNodes } from '@letterlock/e2e/nodes/start-nodes'
import { emailDoor, proveQuota } from '@letterlock/e2e/quota-race'
import { setTimeout as delay } from 'node:timers/promises'
import { show } from './proofs.ts'
import { withSurroundings } from './surroundings.ts'

const seconds = Number(process.env['BENCH_SECONDS'] ?? 60)

await withSurroundings(async (closers) => {
  const redis = await startRedis(closers)
  const nodes = await startNodes(closers, { apiRoles: Array(3).fill('api,management'), environment: { REDIS_URL: redis.url } })
  await delay(nodesKnowEachOtherMs)
  await show(`three times what a limit allows, for ${seconds} s`, () => proveSharedLimit(nodes, seconds))
  await show('Redis fails', () => proveRedisFaults(nodes, redis, { phaseMs: 10_000, toleranceMs: 10 }))
  await show('a quota, a killed node', () => proveQuota(nodes, emailDoor, { quota: 1_000, takers: 5_000, perLine: 20 }))
})
