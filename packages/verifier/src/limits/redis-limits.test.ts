import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasRedis, startRedis } from '../../test/redis-server.ts'
import { memoryLimits } from './memory-limits.ts'
import { type NamedLimit, parseNamedLimit } from '../policy/rate-limit.ts'
import { redisLimits, type RunScript } from './redis-limits.ts'

if (process.env.CI && !hasRedis) test('redisLimits() needs redis-server', () => {
  expect.fail('CI runs the limits on Redis: apt-get install redis-server')
})

describe.skipIf(!hasRedis)('redisLimits() on redis-server', () => {
  let redis: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis?.stop())

  let atMs = 0
  const run: RunScript = async (...call) => {
    const answer = await redis.run(...call)
    atMs = (answer as number[])[1] ?? NaN
    return answer
  }
  const takeTokens = redisLimits({ run })
  const limit = (...[owner, name, text, burst]: [owner: string, name: string, text: string, burst?: number]) =>
    parseNamedLimit(owner, { name, limit: text, ...(burst && { burst }) }) as NamedLimit

  test('answers what memoryLimits() answers at the time of the Redis server, for any sequence of takes', async () => {
    const texts = fc.constantFrom('1/2ms', '3/7ms', '10/30ms', '1/1s', '7/1d', '9007/1ms')
    const cost = fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 0, max: 12 }))
    const take = fc.record({ names: fc.subarray(['a', 'b', 'c'], { minLength: 1 }), cost, pauseMs: fc.constantFrom(0, 0, 0, 0, 1, 5) })
    const run = fc.record({ rates: fc.tuple(texts, texts, texts), burst: fc.integer({ min: 1, max: 20 }), takes: fc.array(take, { maxLength: 30 }) })
    let owner = 0
    await fc.assert(
      fc.asyncProperty(run, async ({ rates, burst, takes }) => {
        const tag = `{${++owner}}`
        const memory = memoryLimits({ clock: () => new Date(atMs) })
        for (const { names, cost, pauseMs } of takes) {
          await new Promise((resolve) => setTimeout(resolve, pauseMs))
          const limits = names.map((name) => limit(tag, name, rates[name.charCodeAt(0) - 97] as string, burst))
          const taken = await takeTokens({ limits, cost })
          expect(taken).toEqual(memory.takeTokens({ limits, cost }))
        }
      }),
      { numRuns: 60, interruptAfterTimeLimit: 6_000 },
    )
  }, 15_000)

  test('counts exactly to the last whole number a double holds', async () => {
    const huge = { ...limit('{huge}', 'a', '1/1d'), count: 1, periodMs: 4_503_599_627_370_495, burst: 2 }
    const take = () => takeTokens({ limits: [huge], cost: 1 })
    expect(await take()).toMatchObject({ taken: true, limits: [{ remaining: 1 }] })
    expect(await take()).toMatchObject({ taken: true, limits: [{ remaining: 0 }] })
    const stored = await redis.client.get(huge.bucket)
    const [level] = String(stored).split(':').map(Number)
    expect(Number.MAX_SAFE_INTEGER - 1 - Number(level)).toBeLessThan(5_000) // drained by 1 a millisecond since
    expect(await take()).toMatchObject({ taken: false, limitName: 'a' })
  })

  test('takes from all limits or from none', async () => {
    const [wide, narrow] = [limit('{all}', 'wide', '100/1d'), limit('{all}', 'narrow', '1/1d')]
    expect(await takeTokens({ limits: [wide, narrow], cost: 1 })).toMatchObject({ taken: true })
    expect(await takeTokens({ limits: [wide, narrow], cost: 1 })).toMatchObject({ taken: false, limitName: 'narrow' })
    expect(await takeTokens({ limits: [wide], cost: 0 })).toMatchObject({ limits: [{ remaining: 99 }] })
  })

  test('lets exactly the burst of many parallel takes through', async () => {
    const limits = [limit('{race}', 'a', '50/1d')]
    const all = await Promise.all(Array.from({ length: 500 }, async () => takeTokens({ limits, cost: 1 })))
    expect(all.filter(({ taken }) => taken)).toHaveLength(50)
  })

  test('keeps a bucket no longer than it takes to drain, and writes nothing for a look or a refusal', async () => {
    const limits = [limit('{ttl}', 'a', '10/1s')]
    const { bucket } = limits[0] as NamedLimit
    await takeTokens({ limits, cost: 0 })
    expect(await redis.client.exists(bucket)).toBe(0)
    await takeTokens({ limits, cost: 3 })
    const before = await redis.client.get(bucket)
    const ttl = await redis.client.pTTL(bucket)
    expect(ttl).toBeGreaterThan(200)
    expect(ttl).toBeLessThanOrEqual(300)
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(await takeTokens({ limits, cost: 10 })).toMatchObject({ taken: false })
    expect(await takeTokens({ limits, cost: 0 })).toMatchObject({ taken: true })
    expect(await redis.client.get(bucket)).toBe(before)
    expect(await redis.client.pTTL(bucket)).toBeLessThanOrEqual(ttl)
  })

  test('adds what was spent elsewhere first, to the burst at most, and keeps it when the take is refused', async () => {
    const limits = [limit('{spent}', 'a', '10/1d')]
    const day = 86_400_000
    expect(await takeTokens({ limits, cost: 1, spent: [8 * day] })).toMatchObject({ taken: true, limits: [{ remaining: 1 }] })
    expect(await takeTokens({ limits, cost: 1, spent: [99 * day] })).toMatchObject({ taken: false, limits: [{ remaining: 0 }] })
    const { limits: [state] } = await takeTokens({ limits, cost: 0 })
    expect(state?.remaining).toBe(0)
    expect(state?.resetMs).toBeLessThanOrEqual(day)
  })

  test('goes on when the scripts of the server are flushed', async () => {
    const limits = [limit('{flush}', 'a', '2/1d')]
    await takeTokens({ limits, cost: 1 })
    await redis.client.scriptFlush()
    expect(await takeTokens({ limits, cost: 1 })).toMatchObject({ taken: true, limits: [{ remaining: 0 }] })
  })
})

test('redisLimits() refuses an answer that is none, and asks nothing without limits', async () => {
  await expect(redisLimits({ run: () => Promise.resolve('OK') })({ limits: [parseNamedLimit('k', { name: 'a', limit: '1/1s' }) as NamedLimit], cost: 1 })).rejects.toThrow('answered something else')
  expect(await redisLimits({ run: () => Promise.reject(new Error('asked')) })({ limits: [], cost: 1 })).toEqual({ taken: true, limits: [] })
})
