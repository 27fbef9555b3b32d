import { describe, expect, test } from 'vitest'
import { after, now, sampleRecord } from '../../test/samples.ts'
import type { Outcome } from '../policy/outcome.ts'
import type { LimitState } from '../limits/take-tokens.ts'
import { answerHeaders } from './answer-headers.ts'

const rateLimits = [{ name: 'burst', limit: '10/500ms' }, { name: 'workspace.day', limit: '5000/1d' }]
const limits: LimitState[] = [
  { name: 'burst', count: 10, periodMs: 500, burst: 10, remaining: 3, resetMs: 1 },
  { name: 'workspace.day', count: 5_000, periodMs: 86_400_000, burst: 5_000, remaining: 0, resetMs: 86_400_000 },
]

function ok(change: object = {}, facts: Parameters<typeof sampleRecord>[0] = {}): Outcome {
  const record = sampleRecord({ rateLimits, ...facts })
  return { code: 'ok', record, secretVersion: 1, superseded: false, secretRetiresAt: null, limits, limitStore: 'shared', ...change } as Outcome
}

describe('answerHeaders()', () => {
  test('states the key, its limits and what is left of them', () => {
    const outcome = ok()
    expect(answerHeaders(outcome, now)).toEqual({
      'letterlock-key-id': 'record' in outcome && outcome.record.keyId,
      'ratelimit-policy': '"burst";q=10;w=1, "workspace.day";q=5000;w=86400',
      ratelimit: '"burst";r=3;t=1, "workspace.day";r=0;t=86400',
    })
  })

  test.each<[string, number | null, boolean]>([
    ['never', null, false],
    ['in 30 days', 30 * 86_400_000, true],
    ['a millisecond later than that', 30 * 86_400_000 + 1, false],
    ['a second ago', -1_000, true],
  ])('states an expiry %s or not', (_, ms, stated) => {
    const expiresAt = ms === null ? null : after(ms)
    const header = answerHeaders(ok({}, { expiresAt }), now)['letterlock-key-expires-at']
    expect(header).toBe(stated ? expiresAt?.toISOString() : undefined)
  })

  test('says that a newer secret exists', () => {
    expect(answerHeaders(ok({ superseded: true }), now)).toMatchObject({ 'letterlock-key-superseded': 'true' })
  })

  test('says that a share of the limits is applied here while the shared store is out', () => {
    expect(answerHeaders(ok({ limitStore: 'local-share' }), now)).toMatchObject({ 'letterlock-limits': 'local-share' })
    expect(answerHeaders(ok(), now)).not.toHaveProperty('letterlock-limits')
  })

  test('says nothing of limits that were not looked at', () => {
    expect(Object.keys(answerHeaders(ok({ code: 'revoked_key', limits: [] }), now))).toEqual(['letterlock-key-id'])
  })

  test('is empty for a key that was not proven', () => {
    expect(answerHeaders({ code: 'invalid_key' }, now)).toEqual({})
    expect(answerHeaders({ code: 'unavailable', retryAfterMs: 1_000 }, now)).toEqual({})
  })

  test('gives every caller an object of his own', () => {
    const outcome = ok()
    answerHeaders(outcome, now)['ratelimit'] = 'spoilt'
    expect(answerHeaders(outcome, now)['ratelimit']).toMatch(/^"burst"/)
  })
})
