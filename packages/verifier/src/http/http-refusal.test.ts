import { errorCodes, problem } from '@letterlock/contract'
import { describe, expect, test } from 'vitest'
import { after, now, sampleRecord } from '../../test/samples.ts'
import type { Outcome } from '../policy/outcome.ts'
import { badMinRevision, keyInUrl, missingKey, problemJson, refusalHeaders, refusalOf } from './http-refusal.ts'

const explanation = 'What happened.'
const proven = { record: sampleRecord(), secretVersion: 1, superseded: false, limits: [], limitStore: 'shared', explanation }
const limit = { ...proven, limitName: 'burst', retryAfterMs: 1_001 }
const quota = { ...proven, meter: 'emails.sent', limit: 1_000, used: 1_000, resetsAt: after(90_500) }
const scopes = { requiredScope: 'lists:read', keyScopes: ['contacts:read'] }

const table: [{ readonly code: string; readonly [fact: string]: unknown }, number, object][] = [
  [{ code: 'invalid_key' }, 401, { detail: 'This API key is not valid.', members: {} }],
  [{ code: 'expired_key', expiredAt: now, ...proven }, 401, { detail: `${explanation} Ask its owner for a new one.`, members: { expiredAt: now.toISOString() } }],
  [{ code: 'revoked_key', ...proven }, 401, { detail: `${explanation} Ask its owner for a new one.`, members: {} }],
  [{ code: 'disabled_key', ...proven }, 401, { detail: explanation, members: {} }],
  [{ code: 'retired_secret', retiredAt: now, ...proven }, 401, { detail: `${explanation} Load the newer one of the same key.`, members: { retiredAt: now.toISOString() } }],
  [{ code: 'insufficient_scope', ...scopes, ...proven }, 403, { detail: explanation, members: scopes }],
  [{ code: 'ip_not_allowed', ip: '192.0.2.7', ...proven }, 403, { detail: explanation, members: {} }],
  [{ code: 'workspace_suspended', ...proven }, 403, { detail: explanation, members: {} }],
  [{ code: 'rate_limited', ...limit }, 429, { detail: `${explanation} Try again in 2 s.`, retryAfterSeconds: 2, members: { limitName: 'burst' } }],
  [{ code: 'quota_exceeded', ...quota }, 429, {
    detail: explanation, retryAfterSeconds: 91,
    members: { meter: 'emails.sent', limit: 1_000, resetsAt: after(90_500).toISOString() },
  }],
  [{ code: 'not_fresh', retryAfterMs: 1_000 }, 503, { retryAfterSeconds: 1, members: {} }],
  [{ code: 'unavailable', retryAfterMs: 0 }, 503, { retryAfterSeconds: 1, members: {} }],
]

describe('refusalOf()', () => {
  test.each(table)('maps $code', (outcome, status, expected) => {
    const refusal = refusalOf(outcome as unknown as Outcome, now)
    expect(refusal).toMatchObject({ code: outcome.code, status, ...expected })
    const body = JSON.parse(problemJson(refusal ?? missingKey, 'req_1'))
    expect(problem.parse(body)).toMatchObject({ code: outcome.code, status, requestId: 'req_1', detail: refusal?.detail })
  })

  test('lets ok pass', () => {
    expect(refusalOf({ code: 'ok', ...proven } as object as Outcome, now)).toBeNull()
  })

  test('promises nothing when a quota never resets', () => {
    const refusal = refusalOf({ code: 'quota_exceeded', ...quota, resetsAt: null } as object as Outcome, now)
    expect(refusal).not.toHaveProperty('retryAfterSeconds')
    expect(refusal?.members).toEqual({ meter: 'emails.sent', limit: 1_000 })
  })

  test('promises nothing when so much never fits', () => {
    const refusal = refusalOf({ code: 'rate_limited', ...limit, retryAfterMs: Infinity } as object as Outcome, now)
    expect(refusal).not.toHaveProperty('retryAfterSeconds')
    expect(refusal?.detail).toBe(`${explanation} So much never fits at once.`)
  })

  test('challenges with every 401 and with a missing scope alone', () => {
    for (const [outcome, status] of table) {
      const challenge = refusalOf(outcome as unknown as Outcome, now)?.wwwAuthenticate
      if (status === 401) expect(challenge).toBe('Bearer realm="letterlock", error="invalid_token"')
      else if (outcome.code === 'insufficient_scope') expect(challenge).toContain('error="insufficient_scope", scope="lists:read"')
      else expect(challenge).toBeUndefined()
    }
    expect(missingKey.wwwAuthenticate).toBe('Bearer realm="letterlock"')
    expect(keyInUrl.wwwAuthenticate).toContain('invalid_token')
  })
})

test('refusals before a verification have the titles and statuses of the contract', () => {
  for (const refusal of [missingKey, keyInUrl, badMinRevision]) {
    expect(refusal).toMatchObject({ status: errorCodes[refusal.code].status, title: errorCodes[refusal.code].title })
  }
  expect(JSON.parse(problemJson(badMinRevision, 'req_1')).issues).toEqual([
    { path: 'Letterlock-Min-Revision', message: 'expected a whole number of 0 or more' },
  ])
})

test('refusalHeaders() is stored by no cache and repeats what the refusal says', () => {
  expect(refusalHeaders(missingKey, 'req_1')).toEqual({
    'content-type': 'application/problem+json', 'x-request-id': 'req_1', 'cache-control': 'no-store',
    'www-authenticate': 'Bearer realm="letterlock"',
  })
  expect(refusalHeaders({ ...missingKey, retryAfterSeconds: 7 }, 'req_1')).toMatchObject({ 'retry-after': '7' })
})
