import { newId, operations, productScopeNames } from '@letterlock/contract'
import type { keyTraffic } from '@letterlock/db'
import { isInRanges, parseAddressRange } from '@letterlock/verifier'
import { array, assert, constantFrom, integer, ipV4, ipV6, oneof, property, record, subarray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { limitsJudge, scopesJudge } from '../policies/what-if/judges.ts'
import type { RecordedRequest } from '../policies/what-if/replay.ts'
import { adviseAddresses, adviseLimit, adviseScopes, networkOf } from './advise.ts'

const day = new Date('2026-11-22T00:00:00.000Z')
const count = (change: Partial<keyTraffic.OperationCount> = {}): keyTraffic.OperationCount =>
  ({ operation: 'contacts.list', outcome: 'ok', requests: 1, lastDay: day, ...change })
const request = (change: Partial<RecordedRequest> = {}): RecordedRequest =>
  ({ requestId: newId('request'), at: day, keyId: newId('key'), operation: 'contacts.list', outcome: 'ok', ip: '192.0.2.7', ...change })

describe('adviseScopes()', () => {
  test('keeps what was used, whatever became of the requests, and names the rest', () => {
    const advice = adviseScopes(['contacts:read', 'contacts:write', 'lists:read'], [
      count({ requests: 41_000 }),
      count({ operation: 'contacts.create', outcome: 'already_exists', requests: 207, lastDay: new Date('2026-11-21') }),
      count({ operation: 'lists.list', outcome: 'insufficient_scope', requests: 5 }),
      count({ operation: 'key.get', requests: 3 }),
    ])
    expect(advice).toMatchObject({ proposed: ['contacts:read', 'contacts:write'], unused: ['lists:read'], wouldRefuse: 0, requests: 41_215 })
    expect(advice.used[1]).toEqual({ scope: 'contacts:write', requests: 207, operations: ['contacts.create'], lastDay: new Date('2026-11-21') })
  })

  test.each(['keys.verify', 'verifier.verify'])('proposes nothing once others verified the key by %s: what they needed is in no count', (operation) => {
    expect(adviseScopes(['contacts:read'], [count({ operation })])).toMatchObject({ proposed: null, unused: ['contacts:read'] })
  })

  test('never stops a request that had its scope, and keeps no scope that none needed', () => {
    const counts = array(record({ operation: constantFrom(...Object.keys(operations)), outcome: constantFrom('ok', 'not_found', 'rate_limited', 'internal') }), { maxLength: 30 })
    assert(property(subarray([...productScopeNames]), counts, (granted, given) => {
      const { proposed, unused, wouldRefuse } = adviseScopes(granted, given.map((each) => count(each)))
      const [before, after] = [scopesJudge(granted), scopesJudge(proposed ?? [])]
      for (const each of given) if (before(request(each)).length === 0) expect(after(request(each))).toEqual([])
      for (const scope of proposed ?? []) expect(given.some((each) => scopesJudge([])(request(each)).some(({ message }) => message.startsWith(`${scope} `)))).toBe(true)
      expect([...(proposed ?? []), ...unused].sort()).toEqual([...granted].sort())
      expect(wouldRefuse).toBe(0)
    }))
  })
})

describe('adviseAddresses()', () => {
  const caller = (ip: string | null, lastSeenAt = day) => ({ ip, requests: 2, lastSeenAt })

  test('sums the networks, who came last first', () => {
    const later = new Date(day.getTime() + 1)
    expect(adviseAddresses([caller('192.0.2.7'), caller('2001:db8:1:2::7', later), caller('192.0.2.200')], true)).toEqual({
      observed: [{ range: '2001:db8:1::/48', requests: 2, lastSeenAt: later }, { range: '192.0.2.0/24', requests: 4, lastSeenAt: day }],
      proposed: ['2001:db8:1::/48', '192.0.2.0/24'],
    })
  })

  test('proposes nothing for an address that is not known, for none, for too many, and when not all were seen', () => {
    const many = Array.from({ length: 101 }, (_, index) => caller(`10.0.${index}.1`))
    expect(adviseAddresses(many.slice(1), true).proposed).toHaveLength(100)
    for (const callers of [[caller(null)], [caller('192.0.2.7'), caller(null)], [caller('nonsense')], [], many]) expect(adviseAddresses(callers, true).proposed).toBeNull()
    expect(adviseAddresses([caller('192.0.2.7')], false).proposed).toBeNull()
  })

  test('lets in every address that was seen, or proposes nothing', () => {
    assert(property(array(oneof(ipV4(), ipV6(), ipV4().map((ip) => `::ffff:${ip}`)), { minLength: 1, maxLength: 50 }), (ips) => {
      const { proposed } = adviseAddresses(ips.map((ip) => caller(ip)), true)
      const ranges = proposed?.flatMap((text) => parseAddressRange(text) ?? [])
      if (ranges) for (const ip of ips) expect([ip, isInRanges(ip, ranges)]).toEqual([ip, true])
      else expect(ips.some((ip) => networkOf(ip) === null)).toBe(true)
    }))
    assert(property(ipV4(), (ip) => networkOf(ip) === networkOf(`::ffff:${ip}`)))
  })
})

describe('adviseLimit()', () => {
  test('proposes nothing without requests, and leaves room for ten a minute', () => {
    expect(adviseLimit(0)).toBeNull()
    expect(adviseLimit(1)).toEqual({ name: 'advised', limit: '10/1m' })
    expect(adviseLimit(300)).toEqual({ name: 'advised', limit: '600/1m' })
  })

  test('has room for the busiest minute just before and just after the stroke', () => {
    const advised = adviseLimit(50)
    const judge = limitsJudge(advised ? [advised] : [])
    const keyId = newId('key')
    const stroke = day.getTime() + 60_000
    const times = [...Array.from({ length: 50 }, (_, turn) => stroke - 50 + turn), ...Array.from({ length: 50 }, (_, turn) => stroke + turn)]
    expect(times.filter((time) => judge(request({ keyId, at: new Date(time) })).length > 0)).toEqual([])
  })

  test('would have refused none of the requests that were counted', () => {
    assert(property(array(oneof(integer({ min: 0, max: 50 }), integer({ min: 0, max: 50 }), integer({ min: 0, max: 40_000 })), { minLength: 1, maxLength: 300 }), (gaps) => {
      const keyId = newId('key')
      let ms = day.getTime()
      const times = gaps.map((gap) => (ms += gap))
      const minutes = Map.groupBy(times, (time) => Math.floor(time / 60_000))
      const advised = adviseLimit(Math.max(...[...minutes.values()].map((each) => each.length)))
      const judge = limitsJudge(advised ? [advised] : [])
      expect(times.filter((time) => judge(request({ keyId, at: new Date(time) })).length > 0)).toEqual([])
    }))
  })
})
