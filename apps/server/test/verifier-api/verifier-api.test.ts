import { problem, rootScopeNames } from '@letterlock/contract'
import { letterlockKeys } from '@letterlock/keys'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startVerifierRig, type VerifierRig } from './verifier-rig.ts'

let rig: VerifierRig
let workspaceId: string
const bodies: string[] = []
beforeAll(async () => {
  rig = await startVerifierRig()
  workspaceId = (await rig.manage('workspaces.create', { name: 'Acme' })).workspace.id
})
afterEach(() => {
  rig.exposed.splice(0)
  rig.uses.splice(0)
  rig.attempts.splice(0)
})
afterAll(() => rig.stop())

async function createKey(input: object = {}) {
  return (await rig.manage('keys.create', { workspaceId, mode: 'live', name: 'CI', scopes: ['contacts:read'], ...input })) as { key: { id: string }; secret: string; revision: number }
}

async function ask(method: string, path: string, options: Parameters<VerifierRig['send']>[2] = {}) {
  const answer = await rig.send(method, path, options)
  bodies.push(answer.text)
  return answer
}

function verify(body: object, options: { key?: string } = {}) {
  return ask('POST', '/verifier/verify', { ...options, body })
}

describe('POST /verifier/verify', () => {
  test('answers the outcome of a good key with all checks and what is left of its limits', async () => {
    const { key, secret } = await createKey({ rateLimits: [{ name: 'burst', limit: '10/1m' }] })
    const { status, headers, body } = await verify({ key: secret, scope: 'contacts:read', ip: '192.0.2.7' })
    expect([status, headers.get('cache-control'), headers.get('x-request-id')]).toEqual([200, 'no-store', expect.stringMatching(/^req_/)])
    expect(body).toMatchObject({
      valid: true, code: 'ok', secretVersion: 1, superseded: false, limitStore: 'shared',
      key: { id: key.id, name: 'CI', mode: 'live', workspaceId, scopes: ['contacts:read'], expiresAt: null },
      limits: [{ name: 'burst', count: 10, periodMs: 60_000, burst: 10, remaining: 9 }],
    })
    expect(body.checks.map((check: { check: string; passed: boolean }) => [check.check, check.passed])).toEqual([
      ['status', true], ['workspace', true], ['expiry', true], ['secret', true], ['ip', true], ['scope', true],
    ])
  })

  test('answers an invalid key with 200 and its code alone', async () => {
    const { key, secret } = await createKey()
    const wrong = letterlockKeys.issue({ mode: 'live', keyId: key.id }).token
    for (const text of [wrong, letterlockKeys.issue({ mode: 'live' }).token, 'garbage', '', rig.rootKey]) {
      expect(await verify({ key: text })).toMatchObject({ status: 200, body: { valid: false, code: 'invalid_key' } })
    }
    expect((await verify({ key: secret, modes: ['test'] })).body).toEqual({ valid: false, code: 'invalid_key' })
  })

  test('explains what it refuses', async () => {
    const { secret } = await createKey({ ipAllow: ['10.0.0.0/8'] })
    const elsewhere = (await verify({ key: secret, ip: '192.0.2.7' })).body
    expect(elsewhere).toMatchObject({ valid: false, code: 'ip_not_allowed', explanation: expect.stringContaining('192.0.2.7') })
    expect(elsewhere.checks).toContainEqual({ check: 'ip', passed: false, detail: expect.any(String) })
    expect((await verify({ key: secret, ip: '10.1.2.3', scope: 'lists:read' })).body).toMatchObject({ code: 'insufficient_scope', requiredScope: 'lists:read' })
    const quota = { meter: 'reports', amount: 1, reference: 'r1' }
    expect((await verify({ key: secret, ip: '10.1.2.3', quota })).body).toMatchObject({ code: 'quota_exceeded', meter: 'reports', limit: 10, used: 10, resetsAt: null })
  })

  test('says of a good secret, and of one that is refused for something else, when it retires', async () => {
    const { key, secret } = await createKey({ ipAllow: ['10.0.0.0/8'] })
    const retires_at = new Date(Date.now() + 3_600_000)
    await rig.db.updateTable('key_secrets').set({ retires_at }).where('key_id', '=', key.id as never).execute()
    for (const [ip, code] of [['10.1.2.3', 'ok'], ['192.0.2.7', 'ip_not_allowed']]) {
      const { body } = await verify({ key: secret, ip })
      expect(body.code).toBe(code)
      const detail = `Version 1 of the secret retires at ${retires_at.toISOString()}.`
      expect(body.checks).toContainEqual({ check: 'secret', passed: true, detail })
    }
  })

  test('says that the secret of a revoked key was retired too', async () => {
    const { key, secret } = await createKey()
    await rig.db.updateTable('key_secrets').set({ retires_at: new Date(Date.now() - 1_000) }).where('key_id', '=', key.id as never).execute()
    const { revision } = await rig.manage('keys.revoke', { keyId: key.id })
    const { body } = await verify({ key: secret, minRevision: revision })
    expect(body.code).toBe('revoked_key')
    expect(body.checks).toContainEqual({ check: 'secret', passed: false, detail: expect.stringContaining('was retired at') })
  })

  test('takes the cost from the limits of the key, and none from those of the root key', async () => {
    const { secret } = await createKey({ rateLimits: [{ name: 'tight', limit: '3/1m' }] })
    expect((await verify({ key: secret, cost: 2 })).body.limits[0].remaining).toBe(1)
    expect((await verify({ key: secret, cost: 2 })).body).toMatchObject({ code: 'rate_limited', limitName: 'tight', retryAfterMs: expect.any(Number) })
    const key = await rig.addRootKey(['verifier:read'], [{ name: 'tight', limit: '1/1h' }])
    for (let i = 0; i < 3; i++) expect((await verify({ key: 'garbage' }, { key })).status).toBe(200)
  })

  test('answers 503 when the revision that is asked for was never reached', async () => {
    const { secret, revision } = await createKey()
    expect((await verify({ key: secret, minRevision: revision })).body.code).toBe('ok')
    const { status, body, headers } = await verify({ key: secret, minRevision: revision + 1_000 })
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'not_fresh', '1'])
  })

  test('sees a revocation once its revision is asked for', async () => {
    const { key, secret } = await createKey()
    expect((await verify({ key: secret })).body.code).toBe('ok')
    const { revision } = await rig.manage('keys.revoke', { keyId: key.id })
    expect((await verify({ key: secret, minRevision: revision })).body).toMatchObject({ valid: false, code: 'revoked_key' })
  })

  test('is recorded as a use of the key, from the address that was asked about', async () => {
    const { key, secret } = await createKey()
    const more = { principal: { keyId: key.id }, claimedKeyId: null, secretVersion: 1, durationMs: expect.any(Number), userAgent: null }
    const { headers } = await verify({ key: secret, ip: '192.0.2.7' })
    await verify({ key: secret, ip: 'no\0address', scope: 'lists:read' })
    await rig.manage('keys.verify', { key: secret, ip: '2001:db8::7' })
    expect(rig.uses).toMatchObject([
      { ...more, requestId: headers.get('x-request-id'), operationId: 'verifier.verify', outcome: 'ok', status: 200, ip: '192.0.2.7' },
      { ...more, operationId: 'verifier.verify', outcome: 'insufficient_scope', status: 403, ip: null },
      { ...more, operationId: 'keys.verify', outcome: 'ok', status: 200, ip: '2001:db8::7' },
    ])
  })

  test('records a guess under the key that it claims to be, and the address that it came from', async () => {
    const { key } = await createKey()
    const wrong = letterlockKeys.issue({ mode: 'live', keyId: key.id }).token
    await verify({ key: wrong, ip: '192.0.2.7' })
    await rig.manage('keys.verify', { key: 'garbage' })
    const guess = { principal: null, secretVersion: null, outcome: 'invalid_key', status: 401 }
    expect(rig.uses).toMatchObject([
      { ...guess, operationId: 'verifier.verify', claimedKeyId: key.id, ip: '192.0.2.7' },
      { ...guess, operationId: 'keys.verify', claimedKeyId: null, ip: '127.0.0.1' },
    ])
  })

  test('is what keys.verify answers', async () => {
    const { secret } = await createKey()
    const input = { key: secret, scope: 'contacts:read', ip: '192.0.2.7', cost: 0 }
    expect(await rig.manage('keys.verify', input)).toEqual((await verify(input)).body)
    expect(await rig.manage('keys.verify', { key: 'garbage' })).toEqual({ valid: false, code: 'invalid_key' })
    const { status, body } = await ask('POST', '/trpc/keys.verify', { body: { key: secret, minRevision: 1e9 } })
    expect([status, body.error.data.code]).toEqual([503, 'not_fresh'])
  })
})

describe('POST /verifier/records', () => {
  test('answers a proof for each key in order, and none for a root key', async () => {
    const { key, secret, revision } = await createKey({ ipAllow: ['10.0.0.0/8'] })
    const keys = [letterlockKeys.issue({ mode: 'live' }).token, secret, 'garbage', rig.rootKey]
    const { status, body } = await ask('POST', '/verifier/records', { body: { keys } })
    expect(status).toBe(200)
    expect(body.proofs.map((proof: { key: unknown }) => proof.key !== null)).toEqual([false, true, false, false])
    expect(body.proofs[1]).toMatchObject({
      revision: expect.any(Number),
      key: { secretVersion: 1, superseded: false, secretRetiresAt: null, record: { keyId: key.id, scopes: ['contacts:read'], ipAllow: ['10.0.0.0/8'] } },
    })
    expect(body.proofs[1].revision).toBeGreaterThanOrEqual(revision)
  })
})

describe('GET /verifier/changes', () => {
  test('answers at once when something changed, with what did', async () => {
    const before = rig.verifier.state().revision ?? 0
    const { key, revision } = await createKey()
    const { status, body } = await ask('GET', `/verifier/changes?after=${before}&waitMs=300&nonce=n-1`)
    expect([status, body]).toEqual([200, {
      revision, stamp: expect.any(String), changes: [{ kind: 'key', id: key.id }], heldMs: expect.any(Number), ageMs: expect.any(Number), nonce: 'n-1',
    }])
    expect(body.ageMs).toBeLessThan(1_000)
  })

  test('holds its answer back while nothing changes, 300 ms at most, and says so', async () => {
    const { body: { revision } } = await ask('GET', '/verifier/changes')
    const startedAt = performance.now()
    const { body } = await ask('GET', `/verifier/changes?after=${revision}&waitMs=60000`)
    const tookMs = performance.now() - startedAt
    expect(body).toMatchObject({ revision, changes: [] })
    expect(body.heldMs).toBeGreaterThanOrEqual(290)
    expect(body.heldMs).toBeLessThanOrEqual(tookMs)
    expect(body.heldMs).toBeLessThan(600)
  })

  test('ends its wait when something changes', async () => {
    const { body: { revision } } = await ask('GET', '/verifier/changes')
    const waiting = ask('GET', `/verifier/changes?after=${revision}&waitMs=300`)
    const { key } = await createKey()
    const { body } = await waiting
    expect(body).toMatchObject({ changes: [{ kind: 'key', id: key.id }] })
  })

  test('proves nothing to a root key that was revoked during the wait', async () => {
    const key = await rig.addRootKey(['verifier:read'])
    const parsed = letterlockKeys.parse(key)
    const { body: { revision } } = await ask('GET', '/verifier/changes', { key })
    const waiting = ask('GET', `/verifier/changes?after=${revision}&waitMs=300`, { key })
    await new Promise((resolve) => setTimeout(resolve, 50))
    await rig.manage('rootKeys.revoke', { keyId: parsed.ok && parsed.keyId })
    const { status, body } = await waiting
    expect([status, body.code]).toEqual([401, 'revoked_key'])
  })

  test('answers all, at once, to a node that saw the revision in another history', async () => {
    const { body: { revision, stamp } } = await ask('GET', '/verifier/changes')
    const { body } = await ask('GET', `/verifier/changes?after=${revision}&stamp=${crypto.randomUUID()}&waitMs=300`)
    expect(body).toMatchObject({ revision, stamp, changes: 'all' })
    expect((await ask('GET', `/verifier/changes?after=${revision}&stamp=${stamp}`)).body).toMatchObject({ revision, stamp, changes: [] })
  })

  test('answers all to a node that saw more than there is', async () => {
    expect((await ask('GET', '/verifier/changes?after=999999')).body).toMatchObject({ revision: rig.verifier.state().revision, changes: 'all' })
  })
})

describe('the door', () => {
  const routes: [string, string, unknown][] = [
    ['GET', '/verifier/changes', undefined],
    ['POST', '/verifier/records', { keys: ['garbage'] }],
    ['POST', '/verifier/verify', { key: 'garbage' }],
  ]

  test.each(routes)('%s %s needs a root key with verifier:read', async (method, path, body) => {
    const { secret } = await createKey()
    const others = await rig.addRootKey(rootScopeNames.filter((scope) => scope !== 'verifier:read'))
    const alone = await rig.addRootKey(['verifier:read'])
    for (const [key, status, code] of [[null, 401, 'missing_key'], [secret, 401, 'invalid_key'], [others, 403, 'insufficient_scope']] as const) {
      const answer = await ask(method, path, { key, body })
      expect([answer.status, answer.body.code]).toEqual([status, code])
      expect(problem.parse(answer.body).requestId).toBe(answer.headers.get('x-request-id'))
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
    }
    expect((await ask(method, path, { key: alone, body })).status).toBe(200)
  })

  test.each(routes)('%s %s records who has no root key, and no one else', async (method, path, body) => {
    const wrong = letterlockKeys.issue({ mode: 'root' })
    await ask(method, path, { key: null, body })
    await ask(method, path, { key: wrong.token, body })
    await ask(method, path, { key: await rig.addRootKey([]), body })
    await ask(method, path, { body })
    const attempt = { operationId: path, status: 401, ip: '127.0.0.1', now: expect.any(Date) }
    expect(rig.attempts).toMatchObject([
      { ...attempt, outcome: 'missing_key', claimedKeyId: null },
      { ...attempt, outcome: 'invalid_key', claimedKeyId: wrong.keyId },
    ])
  })

  test.each(routes)('%s %s refuses a key in the URL, and tells whose it is', async (method, path, body) => {
    const { secret } = await createKey()
    const answer = await rig.send(method, `${path}?note=${secret}`, { body })
    expect([answer.status, answer.body.code, rig.exposed]).toEqual([401, 'key_in_url', [secret]])
  })

  type Case = [string, string, string, unknown, number, string]

  test.each<Case>([
    ['an unknown field', 'POST', '/verifier/verify', { key: 'k', surely: 1 }, 400, 'invalid_request'],
    ['a cost below 0', 'POST', '/verifier/verify', { key: 'k', cost: -1 }, 400, 'invalid_request'],
    ['the mode root', 'POST', '/verifier/verify', { key: 'k', modes: ['root'] }, 400, 'invalid_request'],
    ...[{ meter: 'Up' }, { meter: 'a-b' }, { meter: '9a' }, { reference: '' }, { reference: 'a\0b' }, { reference: 'a\ud800' }].map((part): Case => [
      `the quota ${JSON.stringify(part)}`, 'POST', '/verifier/verify', { key: 'k', quota: { meter: 'a', amount: 1, reference: 'r', ...part } }, 400, 'invalid_request',
    ]),
    ['no JSON', 'POST', '/verifier/verify', '{', 400, 'invalid_request'],
    ['no keys', 'POST', '/verifier/records', { keys: [] }, 400, 'invalid_request'],
    ['101 keys', 'POST', '/verifier/records', { keys: Array(101).fill('k') }, 400, 'invalid_request'],
    ['a body of 100 KiB', 'POST', '/verifier/records', { keys: ['k'.repeat(100_000)] }, 413, 'payload_too_large'],
    ['a revision that is none', 'GET', '/verifier/changes?after=x', undefined, 400, 'invalid_request'],
    ['a parameter twice', 'GET', '/verifier/changes?after=1&after=2', undefined, 400, 'invalid_request'],
    ['an unknown parameter', 'GET', '/verifier/changes?since=1', undefined, 400, 'invalid_request'],
    ['another method', 'GET', '/verifier/verify', undefined, 405, 'method_not_allowed'],
  ])('refuses %s', async (...[, method, path, body, status, code]) => {
    const answer = await ask(method, path, { body })
    expect([answer.status, answer.body.code]).toEqual([status, code])
  })

  test('a refusal repeats no key', async () => {
    const { secret } = await createKey()
    const { text } = await verify({ key: 'k', [secret]: 1 })
    expect(text).not.toContain(secret.slice(35, 60))
  })
})

test('no answer held a digest, a pepper or a secret', () => {
  const all = bodies.join('\n')
  expect(all).not.toMatch(/digest|pepper/i)
  expect(letterlockKeys.findKeys(all)).toEqual([])
  expect(rig.state.log).toBe('')
})
