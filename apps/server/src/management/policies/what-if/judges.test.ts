import { type KeyId, newId } from '@letterlock/contract'
import { parseAddressRange } from '@letterlock/verifier'
import { array, assert, constantFrom, integer, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addressJudge, limitsJudge, scopesJudge } from './judges.ts'
import { createReplay, type RecordedRequest } from './replay.ts'

const start = Date.parse('2026-11-22T09:30:00.000Z')
const [one, two] = [newId('key'), newId('key')]
const request = (change: Partial<RecordedRequest> = {}): RecordedRequest => (
  { requestId: newId('request'), at: new Date(start), keyId: one, operation: 'contacts.list', outcome: 'ok', ip: '192.0.2.7', ...change })
const atMs = (ms: number, keyId: KeyId = one) => request({ at: new Date(start + ms), keyId })

describe('scopesJudge()', () => {
  test('stops what needs another scope, and nothing that needs none', () => {
    const judge = scopesJudge(['contacts:read'])
    expect(judge(request())).toEqual([])
    expect(judge(request({ operation: 'key.get' }))).toEqual([])
    expect(judge(request({ operation: 'was.there.once' }))).toEqual([])
    expect(judge(request({ operation: 'lists.create' }))).toEqual([{ rule: 'scopes', message: 'lists:write is not among the scopes' }])
  })
})

describe('addressJudge()', () => {
  const judge = addressJudge(['192.0.2.0/24', '2001:db8::/32'].flatMap((text) => parseAddressRange(text) ?? []))

  test('stops what comes from elsewhere, as the verifier does', () => {
    for (const ip of ['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::1']) expect([ip, judge(request({ ip }))]).toEqual([ip, []])
    expect(judge(request({ ip: '198.51.100.1' }))).toEqual([{ rule: 'ipAllow', message: 'the address is not in the list' }])
    expect(judge(request({ ip: null }))).toEqual([{ rule: 'ipAllow', message: 'no address is known' }])
    expect(addressJudge([])(request({ ip: null }))).toEqual([])
  })
})

describe('limitsJudge()', () => {
  const stoppedBy = (judge: ReturnType<typeof limitsJudge>, requests: readonly RecordedRequest[]) => requests.filter((each) => judge(each).length > 0).length

  test('lets the burst in, then as many as drain, each key by itself', () => {
    const judge = limitsJudge([{ name: 'steady', limit: '10/10s', burst: 3 }])
    expect(stoppedBy(judge, [0, 0, 0, 0, 0].map((ms) => atMs(ms)))).toBe(2)
    expect(judge(atMs(999))).toEqual([{ rule: 'rateLimits', message: 'the limit steady is used up' }])
    expect(stoppedBy(judge, [1_000, 1_001, 2_000].map((ms) => atMs(ms)))).toBe(1)
    expect(stoppedBy(judge, [0, 0, 0].map((ms) => atMs(ms, two)))).toBe(0)
  })

  test('lets in at most the burst and what drained in any window, and stops nothing that is slower', () => {
    const limits = record({ count: integer({ min: 1, max: 20 }), periodMs: integer({ min: 1, max: 5_000 }), burst: integer({ min: 1, max: 20 }) })
    assert(property(limits, array(integer({ min: 0, max: 2_000 }), { maxLength: 80 }), ({ count, periodMs, burst }, gaps) => {
      const judge = limitsJudge([{ name: 'a', limit: `${count}/${periodMs}ms`, burst }])
      let ms = 0
      const times = gaps.map((gap) => (ms += gap))
      const letIn = times.filter((time) => judge(atMs(time)).length === 0)
      for (const [index, from] of letIn.entries()) {
        for (const [further, to] of letIn.slice(index).entries()) expect(further + 1).toBeLessThanOrEqual(burst + (count * (to - from)) / periodMs + 1e-9)
      }
      if (gaps.every((gap) => gap * count >= periodMs)) expect(letIn).toHaveLength(times.length)
    }))
  })
})

describe('createReplay()', () => {
  test('counts every request once, and stops none that was refused or limited then', () => {
    const outcomes = constantFrom('ok', 'not_found', 'insufficient_scope', 'revoked_key', 'rate_limited', 'internal')
    assert(property(array(record({ outcome: outcomes, keyId: constantFrom(one, two) }), { maxLength: 60 }), (given) => {
      const replay = createReplay(() => [{ rule: 'all', message: '' }])
      given.forEach((each) => replay.look(request(each)))
      const stopped = replay.tallies().reduce((sum, tally) => sum + tally.stopped, 0)
      const { lookedAt, refusedThen } = replay.counts()
      expect([lookedAt, stopped + refusedThen]).toEqual([given.length, given.length])
      expect(stopped).toBe(given.filter(({ outcome }) => ['ok', 'not_found', 'internal'].includes(outcome)).length)
    }))
  })

  test('keeps the first, the last and five samples of each key and cause', () => {
    const replay = createReplay(({ at }) => [{ rule: 'all', message: at.getTime() < start + 50 ? 'early' : 'late' }])
    for (let ms = 0; ms < 100; ms += 10) replay.look(atMs(ms))
    replay.look(atMs(100, two))
    const told = replay.tallies().map(({ keyId, message, stopped, first, last, samples }) => (
      [keyId, message, stopped, first.at.getTime() - start, last.at.getTime() - start, samples.length]))
    expect(told).toEqual([[one, 'early', 5, 0, 40, 5], [one, 'late', 5, 50, 90, 5], [two, 'late', 1, 100, 100, 1]])
  })

  test('shows a request that was limited then to the judge, and none of a key that was refused', () => {
    const seen: string[] = []
    const replay = createReplay(({ outcome }) => (seen.push(outcome), []))
    for (const outcome of ['ok', 'rate_limited', 'expired_key']) replay.look(request({ outcome }))
    expect(seen).toEqual(['ok', 'rate_limited'])
  })
})
