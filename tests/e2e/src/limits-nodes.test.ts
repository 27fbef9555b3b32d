import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodesKnowEachOtherMs, proveRedisFaults, proveSharedLimit } from './limits-nodes.ts'
import { hasRedis, type RedisServer, startRedis } from './nodes/redis-server.ts'
import { type Nodes, startNodes } from './nodes/start-nodes.ts'
import { delay } from './server-process.ts'

const threeManaged = ['api,management', 'api,management', 'api,management'] // for their metrics

if (process.env.CI && !hasRedis()) test('limits of several nodes need redis-server', () => expect.unreachable('install Debian\'s redis-server'))

describe.skipIf(!hasRedis())('with redis-server', () => {
  const closers = new AsyncDisposableStack()
  let [nodes, redis] = [null as unknown as Nodes, null as unknown as RedisServer] // set before the first test
  beforeAll(async () => {
    redis = await startRedis(closers)
    nodes = await startNodes(closers, { apiRoles: threeManaged, environment: { REDIS_URL: redis.url }, durable: false })
    await delay(nodesKnowEachOtherMs)
  })
  afterAll(() => closers.disposeAsync())

  test('three nodes admit never more than burst + rate · t, and 99 % of it, of three times as much', async () => {
    // when the machine stalls, Redis misses its deadline and a local share answers: that has a bound of its own
    for (let attempt = 1; ; attempt++) {
      const { faults, figures, stalls } = await proveSharedLimit(nodes, 8)
      console.log(figures)
      if (stalls > 0 && attempt < 3) continue
      return expect(faults).toEqual([])
    }
  })

  test('Redis killed, empty and hung: no 5xx, no wait beyond its deadline, quotas as they were', async () => {
    const { faults, figures } = await proveRedisFaults(nodes, redis, { phaseMs: 3_000, toleranceMs: 100 })
    console.log(figures)
    expect(faults).toEqual([])
  })
})
