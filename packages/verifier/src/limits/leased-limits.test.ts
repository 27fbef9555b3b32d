import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drain, type Level } from './gcra.ts'
import { leasedLimits, type TakeLeases } from './leased-limits.ts'
import { type NamedLimit, parseNamedLimit } from '../policy/rate-limit.ts'
import type { Taken } from './take-tokens.ts'

const limit = (text: string, burst?: number, name = 'a') =>
  parseNamedLimit('{k}', { name, limit: text, ...(burst && { burst }) }) as NamedLimit

/** A shared bucket store and any number of nodes, in a time that only the test moves. */
function rig(nodes: number) {
  const buckets = new Map<string, Level>()
  const world = { ms: 0, asked: 0, isOut: false }
  const takeLeases: TakeLeases = async (demands) => {
    world.asked++
    const atMs = world.ms
    const grants = demands.map(({ bucket, count, periodMs, capacity, tokens }) => {
      const { level } = drain({ count, periodMs, burst: 1 }, buckets.get(bucket) ?? { level: 0, atMs }, atMs)
      const granted = Math.max(0, Math.min(tokens, Math.floor((capacity - level) / periodMs)))
      buckets.set(bucket, { level: level + granted * periodMs, atMs })
      return { tokens: granted, level: level + granted * periodMs }
    })
    await Promise.resolve()
    if (world.isOut) throw new Error('out')
    return grants
  }
  const monotonic = () => world.ms
  const clock = () => new Date(1e12 + world.ms)
  return { world, nodes: Array.from({ length: nodes }, () => leasedLimits({ takeLeases, clock, monotonic })) }
}

/** The largest excess over `rate * t` of all windows; the burst is its bound. */
function excessOf(admittedMs: readonly number[], { count, periodMs }: NamedLimit): number {
  let [worst, lowest] = [0, Infinity]
  admittedMs.forEach((ms, i) => {
    const drained = (ms * count) / periodMs
    lowest = Math.min(lowest, i - drained)
    worst = Math.max(worst, i + 1 - drained - lowest)
  })
  return worst
}

describe('leasedLimits()', () => {
  test('never lets more than burst + rate * t through in any window, whatever three nodes are asked', async () => {
    const step = fc.record({ node: fc.nat(2), pauseMs: fc.constantFrom(0, 0, 0, 1, 10, 60, 199, 300), takes: fc.integer({ min: 1, max: 40 }) })
    const rates = fc.constantFrom(limit('100/1s'), limit('1000/1s', 30), limit('50/1s', 11), limit('10/1s', 5), limit('5/1s', 1))
    await fc.assert(
      fc.asyncProperty(rates, fc.array(step, { maxLength: 60 }), async (each, steps) => {
        const { world, nodes } = rig(3)
        const admitted: number[] = []
        for (const { node, pauseMs, takes } of steps) {
          world.ms += pauseMs
          const all = Array.from({ length: takes }, async () => nodes[node]?.({ limits: [each], cost: 1 }))
          for (const taken of await Promise.all(all)) if (taken?.taken) admitted.push(world.ms)
        }
        expect(excessOf(admitted, each)).toBeLessThanOrEqual(each.burst + 1e-6)
      }),
      { numRuns: 300 },
    )
  })

  test('lets at least nine tenths through under three times the load, and asks far less than it answers', async () => {
    const { world, nodes } = rig(3)
    const each = limit('1000/1s')
    let admitted = 0
    for (; world.ms < 10_000; world.ms++) {
      for (const node of nodes) if ((await node({ limits: [each], cost: 1 })).taken) admitted++
    }
    expect(admitted).toBeLessThanOrEqual(1_000 + 10_000)
    expect(admitted).toBeGreaterThan(0.9 * (1_000 + 10_000))
    expect(world.asked).toBeLessThan(30_000 / 20)
  })

  test('answers synchronously from a lease, and no longer than it lasts by either clock', async () => {
    const { world, nodes: [node] } = rig(1)
    const take = () => node?.({ limits: [limit('1000/1s')], cost: 1 })
    for (let i = 0; i < 100; i++) await take()
    world.ms += 1
    await take()
    expect(take()).not.toBeInstanceOf(Promise)
    world.ms += 201
    expect(take()).toBeInstanceOf(Promise)
  })

  test.each(['monotonicMs', 'wallMs'] as const)('does not use a lease that is old by one clock alone (%s), as after the sleep of a machine', async (moving) => {
    const time = { monotonicMs: 0, wallMs: 1e12 }
    const takeLeases: TakeLeases = (demands) => Promise.resolve(demands.map(({ tokens }) => ({ tokens: tokens + 5, level: 0 })))
    const node = leasedLimits({ monotonic: () => time.monotonicMs, clock: () => new Date(time.wallMs), takeLeases })
    const take = () => node({ limits: [limit('1000/1s')], cost: 1 })
    await take()
    expect(take()).not.toBeInstanceOf(Promise)
    time[moving] += 201
    expect(take()).toBeInstanceOf(Promise)
  })

  test('counts the age of a lease from before the question, and serves who came meanwhile from the answer', async () => {
    let [ms, asked] = [0, 0]
    const takeLeases: TakeLeases = async (demands) => {
      asked++
      await Promise.resolve()
      ms += 150
      return demands.map(({ tokens }) => ({ tokens: tokens + 5, level: 0 }))
    }
    const node = leasedLimits({ monotonic: () => ms, clock: () => new Date(0), takeLeases })
    const take = () => node({ limits: [limit('1000/1s')], cost: 1 })
    await Promise.all([take(), take(), take()])
    expect(asked).toBe(1)
    expect(take()).not.toBeInstanceOf(Promise)
    ms += 51
    expect(take()).toBeInstanceOf(Promise)
  })

  test('refuses without asking while the shared bucket cannot have room, and names the limit and the wait', async () => {
    const { world, nodes: [node] } = rig(1)
    const [wide, narrow] = [limit('1000/1s', undefined, 'wide'), limit('2/1m', undefined, 'narrow')]
    const take = () => node?.({ limits: [wide, narrow], cost: 1 })
    await take()
    await take()
    const refused = await take()
    expect(refused).toMatchObject({ taken: false, limitName: 'narrow', retryAfterMs: 30_000, limits: [{ name: 'wide' }, { remaining: 0, resetMs: 60_000 }] })
    const { asked } = world
    world.ms += 29_000
    expect(take()).toMatchObject({ taken: false, retryAfterMs: 1_000 })
    expect(world.asked).toBe(asked)
    world.ms += 1_000
    expect(await take()).toMatchObject({ taken: true })
  })

  test('takes from all limits or from none', async () => {
    const { nodes: [node] } = rig(1)
    const [wide, narrow] = [limit('10/1h', undefined, 'wide'), limit('1/1h', undefined, 'narrow')]
    const all = await Promise.all(Array.from({ length: 5 }, async () => node?.({ limits: [wide, narrow], cost: 1 })))
    expect(all.filter((taken) => taken?.taken)).toHaveLength(1)
  })

  test('asks once for all who wait, only looks for a cost of 0, and tells who waits when the store is out', async () => {
    const { world, nodes: [node] } = rig(1)
    const take = (cost: number) => node?.({ limits: [limit('100/1s')], cost })
    expect(take(0)).toMatchObject({ taken: true, limits: [{ remaining: 80 }] })
    await Promise.all(Array.from({ length: 20 }, async () => take(1)))
    expect(world.asked).toBeLessThanOrEqual(3)
    world.isOut = true
    world.ms += 1_000
    await expect(take(1)).rejects.toThrow('out')
    world.isOut = false
    expect(await take(1)).toMatchObject({ taken: true })
  })

  test('takes what was spent elsewhere from the shared bucket first', async () => {
    const { nodes: [node] } = rig(1)
    const day = 86_400_000
    const answer = (spent?: number[]) => node?.({ limits: [limit('10/1d')], cost: 1, ...(spent && { spent }) }) as Promise<Taken>
    await answer([8 * day])
    expect(await answer()).toMatchObject({ taken: true })
    expect(await answer()).toMatchObject({ taken: false })
  })
})
