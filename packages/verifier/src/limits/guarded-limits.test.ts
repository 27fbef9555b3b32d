import { stat } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { guardedLimits, type GuardedLimitsOptions, type TakeShared } from './guarded-limits.ts'
import { memoryLimits } from './memory-limits.ts'
import { type NamedLimit, parseNamedLimit } from '../policy/rate-limit.ts'
import type { Taken } from './take-tokens.ts'

const limit = (text: string, burst?: number) => parseNamedLimit('{k}', { name: 'a', limit: text, ...(burst && { burst }) }) as NamedLimit
const hang = () => new Promise<Taken>(() => undefined)
const granted: Taken = { taken: true, limits: [] }

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** A guard over a store that does what `behave` does at the moment, in a time that only `vi` moves. */
function guard(options: Partial<GuardedLimitsOptions> = {}) {
  const states: string[] = []
  const rig = { behave: (() => Promise.resolve(granted)) as TakeShared, calls: 0, states }
  const guarded = guardedLimits({
    shared: (request) => {
      rig.calls++
      return rig.behave(request)
    },
    local: memoryLimits({ clock: () => new Date() }).takeTokens,
    liveNodes: () => 3,
    monotonic: () => performance.now(),
    onState: (state) => void states.push(state),
    ...options,
  })
  return Object.assign(rig, guarded, { take: (limits = [limit('30/1s')], cost = 1) => Promise.resolve(guarded.takeTokens({ limits, cost })) })
}

/** Three nodes over one store, which adds what was spent elsewhere as redisLimits does: as much as fits. */
function threeNodes() {
  const fresh = () => memoryLimits({ clock: () => new Date() }).takeTokens
  let take = fresh()
  const shared = { isOut: false, empty: () => void (take = fresh()) }
  const nodes = [guard(), guard(), guard()]
  for (const node of nodes) {
    node.behave = ({ limits, cost, spent = [] }) => {
      if (shared.isOut) return Promise.reject(new Error('out'))
      limits.forEach((each, i) => {
        for (let tokens = Math.round((spent[i] ?? 0) / each.periodMs); tokens > 0; tokens--) take({ limits: [each], cost: 1 })
      })
      return Promise.resolve(take({ limits, cost }))
    }
  }
  return { nodes, shared }
}

describe('guardedLimits()', () => {
  test('answers from the shared store while it works, and says nothing of it', async () => {
    const store = guard()
    expect(await store.take()).toBe(granted)
    expect(store).toMatchObject({ calls: 1, states: [] })
    expect(store.state()).toBe('closed')
  })

  test('stays synchronous over a synchronous store', () => {
    const store = guard()
    store.behave = () => granted
    expect(store.takeTokens({ limits: [limit('1/1s')], cost: 1 })).toBe(granted)
  })

  test('answers from the local share after 25 ms, with the policy as it is', async () => {
    const store = guard()
    store.behave = hang
    const answer = store.take()
    await vi.advanceTimersByTimeAsync(24)
    expect(store.counts()).toMatchObject({ faults: 0, inFlight: 1 })
    await vi.advanceTimersByTimeAsync(1)
    expect(await answer).toMatchObject({ taken: true, limitStore: 'local-share', limits: [{ count: 30, burst: 30, remaining: 9 }] })
  })

  test('reads what has arrived before it gives up, when the process itself was busy', async () => {
    vi.useRealTimers()
    const store = guard()
    store.behave = () => stat('.').then(() => granted)
    const answer = store.take()
    const busyUntil = performance.now() + 60
    while (performance.now() < busyUntil); // the answer arrives while nobody can read it
    expect(await answer).toBe(granted)
    expect(store.counts()).toMatchObject({ faults: 0, inFlight: 0 })
  })

  test('opens at the third fault in a row, not before', async () => {
    const store = guard()
    const refuse = () => Promise.reject(new Error('refused'))
    for (const behave of [refuse, refuse, () => Promise.resolve(granted), refuse, refuse]) {
      store.behave = behave
      await store.take()
    }
    expect(store.states).toEqual([])
    await store.take()
    expect(store.states).toEqual(['open'])
    await store.take()
    expect(store).toMatchObject({ calls: 6, states: ['open'] })
    expect(store.counts()).toMatchObject({ faults: 5, openings: 1, localAnswers: 6 })
  })

  test('opens at one hang, and does not call a slow answer among others a hang', async () => {
    const slow = guard()
    slow.behave = hang
    const waiting = slow.take()
    slow.behave = () => Promise.resolve(granted)
    await slow.take()
    await vi.advanceTimersByTimeAsync(25)
    await waiting
    expect(slow.states).toEqual([])
    slow.behave = hang
    const hanging = slow.take()
    await vi.advanceTimersByTimeAsync(25)
    await hanging
    expect(slow.states).toEqual(['open'])
  })

  test('lets one request a second find out whether the store is back, no longer than the deadline', async () => {
    const store = guard()
    store.behave = hang
    const first = store.take()
    await vi.advanceTimersByTimeAsync(25)
    await first
    await vi.advanceTimersByTimeAsync(999)
    await store.take()
    expect(store.calls).toBe(1)
    await vi.advanceTimersByTimeAsync(1)
    const probe = store.take()
    expect(store.state()).toBe('half-open')
    await Promise.all([store.take(), store.take()])
    expect(store.calls).toBe(2)
    await vi.advanceTimersByTimeAsync(25)
    expect(await probe).toMatchObject({ limitStore: 'local-share' })
    expect(store).toMatchObject({ states: ['open'], calls: 2 })
    store.behave = () => Promise.resolve(granted)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await store.take()).toBe(granted)
    expect(store.states).toEqual(['open', 'closed'])
  })

  test('has no more calls in flight than allowed; the rest is answered at once', async () => {
    const store = guard({ maxInFlight: 2 })
    store.behave = hang
    const waiting = [store.take(), store.take()]
    expect(await store.take()).toMatchObject({ limitStore: 'local-share' })
    expect(store.calls).toBe(2)
    await vi.advanceTimersByTimeAsync(25)
    await Promise.all(waiting)
    expect(store.counts().inFlight).toBe(2)
  })

  test('finds out whether the store is back although calls from before still hang', async () => {
    const store = guard({ maxInFlight: 2 })
    store.behave = hang
    const hung = [store.take(), store.take(), store.take()]
    await vi.advanceTimersByTimeAsync(26)
    await Promise.all(hung)
    expect([store.state(), store.counts().inFlight]).toEqual(['open', 2])
    store.behave = () => Promise.resolve(granted)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await store.take()).toBe(granted)
    expect(store.state()).toBe('closed')
  })

  test('gives each node its share of rate and burst, and one token at least', async () => {
    const store = guard()
    store.behave = () => Promise.reject(new Error('out'))
    const takes = async (text: string, count: number) => {
      const all: Taken[] = []
      for (let i = 0; i < count; i++) all.push(await store.take([limit(text)]))
      return all.filter(({ taken }) => taken).length
    }
    expect(await takes('30/1s', 40)).toBe(10)
    await vi.advanceTimersByTimeAsync(500)
    expect(await takes('30/1s', 40)).toBe(5)
    expect(await takes('2/1m', 5)).toBe(1)
    expect(await store.take([limit('20/1h')], 15)).toMatchObject({ taken: true })
    expect(await store.take([limit('20/1h')], 15)).toMatchObject({ taken: false, limitName: 'a' })
  })

  test('tells the shared store once what the local share gave, when it is back', async () => {
    const store = guard()
    store.behave = () => Promise.reject(new Error('out'))
    for (let i = 0; i < 8; i++) await store.take([limit('30/1h')])
    const spent: unknown[] = []
    store.behave = (request) => {
      spent.push(request.spent)
      return Promise.resolve(granted)
    }
    await vi.advanceTimersByTimeAsync(1_000)
    await store.take([limit('30/1h')])
    await store.take([limit('30/1h')])
    expect(spent).toEqual([[8 * 3_600_000 - 1_000 * 10], undefined])
  })

  test('admits at most 2 bursts and the rate over an outage that empties the store', async () => {
    const { nodes, shared } = threeNodes()
    let admitted = 0
    const limits = [limit('100/1s')]
    for (let ms = 0; ms < 9_000; ms += 10) { // 3 nodes with 100 requests a second each
      shared.isOut = ms >= 3_000 && ms < 6_000
      if (ms === 6_000) shared.empty()
      for (const node of nodes) if ((await node.take(limits)).taken) admitted++
      await vi.advanceTimersByTimeAsync(10)
    }
    expect(admitted).toBeLessThanOrEqual(2 * 100 + 9 * 100)
    expect(admitted).toBeGreaterThan(0.9 * 9 * 100)
  })

  test('admits no more when the store is out again and again, while nodes have their parts of the load', async () => {
    const { nodes, shared } = threeNodes()
    let admitted = 0
    for (let ms = 0; ms < 12_000; ms += 10) {
      shared.isOut = ms % 1_500 < 300 // and open for a second from there
      for (const node of nodes) if ((await node.take([limit('100/1s')])).taken) admitted++
      nodes.push(nodes.shift() as (typeof nodes)[number]) // each is the first in turn, as under a balancer
      await vi.advanceTimersByTimeAsync(10)
    }
    expect(admitted).toBeLessThanOrEqual(2 * 100 + 12 * 100)
  })
})
