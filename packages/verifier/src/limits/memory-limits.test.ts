import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { now } from '../../test/samples.ts'
import { memoryLimits } from './memory-limits.ts'
import { type NamedLimit, parseNamedLimit } from '../policy/rate-limit.ts'
import type { Taken } from './take-tokens.ts'

function limit(text: string, options: { burst?: number; name?: string; owner?: string } = {}): NamedLimit {
  const { owner = 'key_a', name = 'default', burst } = options
  const parsed = parseNamedLimit(owner, { name, limit: text, ...(burst !== undefined && { burst }) })
  if (!parsed) throw new Error(`${text} is no limit`)
  return parsed
}

function start(options: { maxBuckets?: number } = {}) {
  const state = { ms: now.getTime() }
  const store = memoryLimits({ clock: () => new Date(state.ms), ...options })
  const take = (limits: NamedLimit[], cost = 1) => store.takeTokens({ limits, cost }) as Taken
  return { state, store, take, size: store.size }
}

/** What was admitted, and when. */
type Log = { atMs: number; cost: number }[]

/** The definition itself, over the whole log: no window that ends now may hold more than burst + rate * time. */
function fits(log: Log, next: { atMs: number; cost: number }, { count, periodMs, burst }: NamedLimit): boolean {
  const all = [...log, next]
  return all.every((first, index) => {
    const taken = all.slice(index).reduce((sum, { cost }) => sum + cost, 0)
    return taken * periodMs <= burst * periodMs + count * (next.atMs - first.atMs)
  })
}

const rates = fc.record({ count: fc.integer({ min: 1, max: 20 }), period: fc.constantFrom('1s', '7s', '10s', '999ms'), burst: fc.integer({ min: 1, max: 25 }) })
const steps = fc.array(fc.record({ waitMs: fc.oneof(fc.constant(0), fc.nat(50), fc.nat(3_000)), cost: fc.integer({ min: 1, max: 3 }) }), { maxLength: 80 })

describe('memoryLimits()', () => {
  test('admits exactly what the log of all admissions allows, in every window', () => {
    fc.assert(
      fc.property(rates, steps, ({ count, period, burst }, anySteps) => {
        const rate = limit(`${count}/${period}`, { burst })
        const { state, take } = start()
        const log: Log = []
        for (const { waitMs, cost } of anySteps) {
          state.ms += waitMs
          const next = { atMs: state.ms, cost }
          const expected = fits(log, next, rate)
          expect(take([rate], cost).taken).toBe(expected)
          if (expected) log.push(next)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('takes from all limits or from none, and a refused request costs nothing', () => {
    fc.assert(
      fc.property(rates, rates, steps, (a, b, anySteps) => {
        const limits = [limit(`${a.count}/${a.period}`, { burst: a.burst, name: 'a' }), limit(`${b.count}/${b.period}`, { burst: b.burst, name: 'b' })]
        const { state, take } = start()
        const log: Log = []
        for (const { waitMs, cost } of anySteps) {
          state.ms += waitMs
          const next = { atMs: state.ms, cost }
          const expected = limits.every((rate) => fits(log, next, rate))
          expect(take(limits, cost).taken).toBe(expected)
          if (expected) log.push(next)
        }
      }),
    )
  })

  test('serves the whole rate to one who asks too much: 50 of 100 per second over a minute', () => {
    const { state, take } = start()
    const rate = limit('50/1s', { burst: 1 })
    let served = 0
    for (let ms = 0; ms < 60_000; ms += 10) {
      if (take([rate]).taken) served += 1
      state.ms += 10
    }
    expect(served).toBe(3_000)
  })

  test('serves all to one who stays below the rate', () => {
    const { state, take } = start()
    for (let i = 0; i < 1_000; i++) {
      expect(take([limit('10/1s', { burst: 1 })]).taken).toBe(true)
      state.ms += 100
    }
  })

  test('says how much is left and when, and retryAfterMs is exact', () => {
    const { state, take } = start()
    const rate = limit('10/10s', { burst: 3 })
    const facts = { name: 'default', count: 10, periodMs: 10_000, burst: 3 }
    expect(take([rate])).toEqual({ taken: true, limits: [{ ...facts, remaining: 2, resetMs: 1_000 }] })
    expect(take([rate], 0)).toEqual({ taken: true, limits: [{ ...facts, remaining: 2, resetMs: 1_000 }] })
    expect(take([rate], 2)).toEqual({ taken: true, limits: [{ ...facts, remaining: 0, resetMs: 3_000 }] })
    state.ms += 1
    expect(take([rate])).toEqual({ taken: false, limitName: 'default', retryAfterMs: 999, limits: [{ ...facts, remaining: 0, resetMs: 2_999 }] })
    state.ms += 998
    expect(take([rate])).toMatchObject({ taken: false, retryAfterMs: 1 })
    state.ms += 1
    expect(take([rate]).taken).toBe(true)
  })

  test('names the limit that makes the caller wait longest', () => {
    const { take } = start()
    const limits = [limit('1/1s', { name: 'second' }), limit('1/1h', { name: 'hour' }), limit('5/1d', { name: 'day' })]
    take(limits)
    expect(take(limits)).toMatchObject({ taken: false, limitName: 'hour', retryAfterMs: 3_600_000 })
  })

  test('says that more than the burst never fits', () => {
    expect(start().take([limit('10/1s', { burst: 2 })], 3)).toMatchObject({ taken: false, retryAfterMs: Infinity })
  })

  test('looks at a used-up limit without being refused', () => {
    const { take } = start()
    take([limit('1/1s')])
    expect(take([limit('1/1s')], 0)).toMatchObject({ taken: true, limits: [{ remaining: 0, resetMs: 1_000 }] })
  })

  test('does not open when the clock steps back', () => {
    const { state, take } = start()
    expect(take([limit('1/1s')]).taken).toBe(true)
    state.ms -= 3_600_000
    expect(take([limit('1/1s')]).taken).toBe(false)
  })

  test('counts owners, names and rates apart', () => {
    const { take } = start()
    for (const other of [limit('1/1s'), limit('1/1s', { owner: 'key_b' }), limit('1/1s', { name: 'x' }), limit('1/2s'), limit('2/1s', { burst: 1 })]) {
      expect([take([other]).taken, take([other]).taken]).toEqual([true, false])
    }
  })

  test('keeps exact count at the edge of what a number holds', () => {
    const { state, take } = start()
    const rate = limit('1000000/1d', { burst: 1_000_000 })
    expect(take([rate], 1_000_000).taken).toBe(true)
    expect(take([rate]).taken).toBe(false)
    state.ms += 86
    expect(take([rate]).taken).toBe(false)
    state.ms += 1
    expect(take([rate]).taken).toBe(true)
  })

  test('drops drained buckets, so that memory follows those in use', () => {
    const { state, take, size } = start()
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 2_000; i++) take([limit('10/1s', { owner: `key_${round}_${i}` })])
      expect(size()).toBeLessThanOrEqual(2 * 2_000 + 1_024)
      state.ms += 10_000
    }
  })

  test('never holds more than its bound, and forgets the longest untouched first', () => {
    const { take, size } = start({ maxBuckets: 100 })
    const owners = (owner: string) => [limit('1/1h', { owner })]
    for (let i = 0; i < 5_000; i++) {
      take(owners(`key_${i}`))
      take(owners('key_busy'))
      expect(size()).toBeLessThanOrEqual(100)
      expect(take(owners('key_busy')).taken).toBe(false)
    }
  })

  test('finds the buckets of one who keeps a holder, also after a sweep moved them', () => {
    const { state, store, take } = start()
    const mine = { limits: [limit('5/1h'), limit('9/1h', { name: 'other' })], holder: { seats: undefined as unknown }, cost: 1 }
    const remaining = () => store.takeTokens(mine).limits.map((seen) => seen.remaining)
    for (let i = 0; i < 900; i++) take([limit('1/1s', { owner: `early_${i}` })])
    expect([remaining(), remaining(), remaining()]).toEqual([[4, 8], [3, 7], [2, 6]])
    state.ms += 10_000
    for (let i = 0; i < 200; i++) take([limit('1/1s', { owner: `late_${i}` })])
    expect(store.size()).toBeLessThan(300)
    expect([remaining(), remaining(), remaining()]).toEqual([[1, 5], [0, 4], [0, 4]])
  })

  test('keeps a drained bucket that was used in the last 10 seconds', () => {
    const { state, take, size } = start()
    for (let i = 0; i < 1_000; i++) take([limit('1000/1s', { owner: `key_${i}` })])
    state.ms += 5_000
    for (let i = 0; i < 100; i++) take([limit('1000/1s', { owner: `late_${i}` })])
    expect(size()).toBe(1_100)
  })

  test('holds nothing for one who only looks', () => {
    const { take, size } = start()
    take([limit('1/1s')], 0)
    expect(size()).toBe(0)
  })
})
