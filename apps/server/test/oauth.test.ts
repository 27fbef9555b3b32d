import { createHash } from 'node:crypto'
import { connect } from '@letterlock/db'
import { letterlockKeys } from '@letterlock/keys'
import { accessTokenFormat } from '@letterlock/verifier'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, type TestAnswer, type TestServer } from './test-server.ts'

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange'
const apiKeyType = 'urn:letterlock:token-type:api-key'
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token'
const format = accessTokenFormat('ll')

let server: TestServer
let workspaceId: string
beforeAll(async () => {
  server = await startTestServer()
  workspaceId = (await server.manage('workspaces.create', { name: 'Acme' })).body.result.data.workspace.id
})
afterAll(() => server.stop())

type Form = Record<string, string> | string

/** @param path of the product port, or a whole URL */
async function post(path: string, form: Form, headers: Record<string, string> = {}): Promise<TestAnswer> {
  const body = typeof form === 'string' ? form : new URLSearchParams(form).toString()
  const response = await fetch(new URL(path, server.apiUrl), { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: text === '' ? null : JSON.parse(text) }
}

const basic = (id: string, key: string) => ({ authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(key)}`).toString('base64')}` })

async function createKey(input: object = {}) {
  const { body } = await server.manage('keys.create', { workspaceId, mode: 'live', name: 'CI', scopes: ['contacts:read', 'contacts:write', 'lists:read'], ...input })
  const { key, secret } = body.result.data
  return { keyId: key.id as string, secret: secret as string }
}

async function createToken(form: Record<string, string> = {}, key: object = {}) {
  const { keyId, secret } = await createKey(key)
  const { body } = await post('/oauth/token', { grant_type: 'client_credentials', client_secret: secret, ...form })
  return { keyId, secret, token: body.access_token as string, body }
}

const listContacts = async (key: string) => (await server.call('GET', '/contacts', { key })).status
const codeOf = async (key: string, path = '/contacts') => (await server.call('GET', path, { key })).body.code
const errorOf = ({ status, body }: TestAnswer) => [status, body.error]

describe('POST /oauth/token', () => {
  test('gives a token for all that the key may, for 15 minutes, which opens what the key opens', async () => {
    const { body, token } = await createToken()
    expect(body).toEqual({ access_token: expect.stringMatching(format?.pattern ?? ''), token_type: 'Bearer', expires_in: 900, scope: 'contacts:read contacts:write lists:read' })
    expect(token).toMatch(/^ll_at_live_/)
    expect(await listContacts(token)).toBe(200)
  })

  test('takes the key by Basic, as client_secret or as Bearer, with the key id as client id or without', async () => {
    const { keyId, secret } = await createKey()
    const form = { grant_type: 'client_credentials' }
    for (const headers of [basic(keyId, secret), basic('', secret), { authorization: `Bearer ${secret}` }]) {
      expect((await post('/oauth/token', form, headers)).status).toBe(200)
    }
    for (const more of [{ client_secret: secret }, { client_secret: secret, client_id: keyId }]) {
      expect((await post('/oauth/token', { ...form, ...more })).status).toBe(200)
    }
    expect((await post(`${server.managementUrl}/oauth/token`, { ...form, client_secret: secret })).status).toBe(200)
  })

  test('is never kept by a cache, and neither is a refusal', async () => {
    const { secret } = await createKey()
    for (const form of [{ grant_type: 'client_credentials', client_secret: secret }, { grant_type: 'password' }]) {
      const { headers } = await post('/oauth/token', form)
      expect([headers.get('cache-control'), headers.get('pragma'), headers.get('x-request-id')]).toEqual(['no-store', 'no-cache', expect.stringMatching(/^req_/)])
    }
  })

  test('narrows the token to the scopes that are asked for', async () => {
    const { token, body } = await createToken({ scope: 'lists:read  contacts:read lists:read' })
    expect(body.scope).toBe('lists:read contacts:read')
    expect(await listContacts(token)).toBe(200)
    const { status, body: problem } = await server.call('POST', '/contacts', { key: token, body: { email: 'ada@example.com' } })
    expect([status, problem.code, problem.requiredScope, problem.keyScopes]).toEqual([403, 'insufficient_scope', 'contacts:write', ['contacts:read', 'lists:read']])
  })

  test('refuses a scope that the key does not have, and says what may be meant', async () => {
    const { secret } = await createKey({ scopes: ['contacts:read'] })
    const ask = (scope: string) => post('/oauth/token', { grant_type: 'client_credentials', client_secret: secret, scope })
    expect(errorOf(await ask('contacts:write'))).toEqual([400, 'invalid_scope'])
    expect((await ask('contact:read')).body.error_description).toBe('The key does not have contact:read. Did you mean contacts:read?')
    expect((await ask(`a"\u00e9\\${'x'.repeat(500)}`)).body.error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,200}$/) // as RFC 6749 allows it
  })

  test('lives as long as is asked for, 1 to 60 minutes, and never longer than the key', async () => {
    expect((await createToken({ expires_in: '60' })).body.expires_in).toBe(60)
    expect((await createToken({ expires_in: '3600' })).body.expires_in).toBe(3_600)
    const { body } = await createToken({}, { expiresIn: '2m' })
    expect(body.expires_in).toBeGreaterThan(100)
    expect(body.expires_in).toBeLessThanOrEqual(120)
    for (const expires_in of ['59', '3601', '-60', '1e3', '60.5', 'soon', '99999999999']) {
      const { secret } = await createKey()
      expect([expires_in, ...errorOf(await post('/oauth/token', { grant_type: 'client_credentials', client_secret: secret, expires_in }))]).toEqual([expires_in, 400, 'invalid_request'])
    }
  })

  test('exchanges a key by RFC 8693 as well', async () => {
    const { secret } = await createKey()
    for (const subject_token_type of [apiKeyType, accessTokenType]) {
      const { status, body } = await post('/oauth/token', { grant_type: exchange, subject_token: secret, subject_token_type, scope: 'lists:read' })
      expect([status, body.issued_token_type, body.scope]).toEqual([200, accessTokenType, 'lists:read'])
    }
    const ask = (more: Record<string, string>) => post('/oauth/token', { grant_type: exchange, subject_token: secret, subject_token_type: apiKeyType, ...more })
    expect(errorOf(await ask({ subject_token: '' }))).toEqual([400, 'invalid_request'])
    expect(errorOf(await ask({ subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' }))).toEqual([400, 'invalid_request'])
    expect(errorOf(await ask({ actor_token: 'x' }))).toEqual([400, 'invalid_request'])
    expect(errorOf(await ask({ requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }))).toEqual([400, 'invalid_request'])
    expect(errorOf(await ask({ audience: 'https://other.example' }))).toEqual([400, 'invalid_target'])
    expect(errorOf(await ask({ subject_token: 'nonsense' }))).toEqual([401, 'invalid_client'])
  })

  test('refuses what is no key, a root key, another client id, and an access token, which makes no others', async () => {
    const { secret, token } = await createToken()
    const ask = (key: string, more: Record<string, string> = {}) => post('/oauth/token', { grant_type: 'client_credentials', client_secret: key, ...more })
    const wrong = letterlockKeys.issue({ mode: 'live' }).token
    for (const key of ['nonsense', wrong, server.rootKey, token]) {
      const answer = await ask(key)
      expect(errorOf(answer)).toEqual([401, 'invalid_client'])
      expect(answer.headers.get('www-authenticate')).toBe('Basic realm="letterlock"')
      expect(answer.text).not.toContain(key)
    }
    expect(errorOf(await ask(secret, { client_id: 'key_01k8zv3hq5e7tbd6j2m9w4xypn' }))).toEqual([401, 'invalid_client'])
    expect(errorOf(await post('/oauth/token', { grant_type: 'client_credentials' }))).toEqual([401, 'invalid_client'])
    expect(errorOf(await post('/oauth/token', { grant_type: 'client_credentials' }, { authorization: 'Digest x' }))).toEqual([401, 'invalid_client'])
  })

  test('refuses a key that is revoked, expired, disabled or comes from another address, each in the words of OAuth', async () => {
    const ask = async ({ secret }: { secret: string }) => errorOf(await post('/oauth/token', { grant_type: 'client_credentials', client_secret: secret }))
    const [revoked, disabled, elsewhere] = [await createKey(), await createKey(), await createKey({ ipAllow: ['203.0.113.7'] })]
    await server.manage('keys.revoke', { keyId: revoked.keyId })
    await server.manage('keys.disable', { keyId: disabled.keyId })
    expect(await ask(revoked)).toEqual([401, 'invalid_client'])
    expect(await ask(disabled)).toEqual([401, 'invalid_client'])
    expect(await ask(elsewhere)).toEqual([400, 'unauthorized_client'])
  })

  test('takes from the rate limits of the key, and says when to come back', async () => {
    const { secret } = await createKey({ rateLimits: [{ name: 'few', limit: '2/1h' }] })
    const ask = () => post('/oauth/token', { grant_type: 'client_credentials', client_secret: secret })
    expect([(await ask()).status, (await ask()).status]).toEqual([200, 200])
    const third = await ask()
    expect(errorOf(third)).toEqual([429, 'temporarily_unavailable'])
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(1_000)
  })

  test('refuses what is no form, a parameter that comes twice, two ways at once, other grants and methods', async () => {
    const { secret } = await createKey()
    const json = { 'content-type': 'application/json' }
    expect((await post('/oauth/token', '{}', json)).status).toBe(415)
    expect(errorOf(await post('/oauth/token', 'grant_type=client_credentials&grant_type=client_credentials'))).toEqual([400, 'invalid_request'])
    expect(errorOf(await post('/oauth/token', { grant_type: 'client_credentials', client_secret: secret }, basic('', secret)))).toEqual([400, 'invalid_request'])
    expect(errorOf(await post('/oauth/token', { grant_type: 'password' }))).toEqual([400, 'unsupported_grant_type'])
    expect(errorOf(await post('/oauth/token', {}))).toEqual([400, 'invalid_request'])
    expect((await post('/oauth/token', `a=${'x'.repeat(70_000)}`)).status).toBe(413)
    const get = await fetch(`${server.apiUrl}/oauth/token`)
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('stores no token, only its digest under the pepper', async () => {
    const { token } = await createToken()
    const db = connect({ connectionString: server.connectionString, max: 1, applicationName: 'letterlock-test' })
    const stored = JSON.stringify(await db.selectFrom('access_tokens').select([sql<string>`access_tokens::text`.as('text')]).execute())
    await db.destroy()
    expect(stored).toContain(`tok_${token.slice(11, 37)}`)
    expect(stored).not.toContain(token.slice(-38))
    for (const encoding of ['hex', 'base64'] as const) expect(stored).not.toContain(createHash('sha256').update(token).digest(encoding))
    expect(server.output()).not.toContain(token)
  })
})

describe('an access token', () => {
  test('shares the rate limits of its key, and its usage is that of the key', async () => {
    const { token, secret, keyId } = await createToken({}, { rateLimits: [{ name: 'few', limit: '3/1h' }] })
    expect([await listContacts(token), await listContacts(secret), await listContacts(token)]).toEqual([200, 200, 429])
    expect((await server.call('GET', '/contacts', { key: token })).headers.get('letterlock-key-id')).toBe(keyId)
  })

  test('comes under the address list of its key', async () => {
    const { keyId, token } = await createToken()
    await server.manage('keys.update', { keyId, ipAllow: ['203.0.113.7'] })
    expect(await codeOf(token)).toBe('ip_not_allowed')
  })

  test('loses a scope that the key loses, and never gains one', async () => {
    const { keyId, token } = await createToken({ scope: 'contacts:read' })
    await server.manage('keys.update', { keyId, scopes: ['contacts:read', 'lists:read'] })
    expect(await codeOf(token, '/lists')).toBe('insufficient_scope')
    await server.manage('keys.update', { keyId, scopes: ['lists:read'] })
    expect(await codeOf(token)).toBe('insufficient_scope')
  })

  test('ends with its key, for good or for a while', async () => {
    const { keyId, token } = await createToken()
    await server.manage('keys.disable', { keyId })
    expect(await codeOf(token)).toBe('disabled_key')
    await server.manage('keys.enable', { keyId })
    expect(await listContacts(token)).toBe(200)
    await server.manage('keys.revoke', { keyId })
    expect(await codeOf(token)).toBe('revoked_key')
  })

  test('is in quarantine with its key', async () => {
    const { keyId, token } = await createToken({}, { ipAllow: ['127.0.0.1'] })
    await server.manage('keys.quarantine', { keyId })
    const { status, body } = await server.call('POST', '/contacts', { key: token, body: { email: 'ada@example.com' } })
    expect([await listContacts(token), status, body.code]).toEqual([200, 403, 'key_quarantined'])
    await server.manage('keys.release', { keyId })
    expect((await server.call('POST', '/contacts', { key: token, body: { email: 'ada@example.com' } })).status).toBe(201)
  })

  test('ends with the secret that was exchanged, and one of the new secret lives on', async () => {
    const { keyId, token } = await createToken()
    const rotated = (await server.manage('keys.rotate', { keyId, overlap: '24h' })).body.result.data
    const { body } = await post('/oauth/token', { grant_type: 'client_credentials', client_secret: rotated.secret })
    expect(await listContacts(token)).toBe(200)
    await server.manage('keys.retireSecret', { keyId, version: 1 })
    expect([await codeOf(token), await listContacts(body.access_token)]).toEqual(['retired_secret', 200])
  })

  test('opens one environment, like its key', async () => {
    const { token } = await createToken({}, { mode: 'test' })
    expect(token).toMatch(/^ll_at_test_/)
    expect((await server.call('GET', '/key', { key: token })).body).toMatchObject({ mode: 'test' })
  })

  test('is refused with a wrong character, an unknown id and another secret, all alike', async () => {
    const { token } = await createToken()
    const other = format?.issue({ mode: 'live' }).token ?? ''
    const sameId = format?.issue({ mode: 'live', keyId: `key_${token.slice(11, 37)}` }).token ?? ''
    const answers = []
    for (const key of [`${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`, other, sameId]) {
      const { status, body } = await server.call('GET', '/contacts', { key })
      answers.push([status, { ...body, requestId: '' }])
    }
    expect(answers.map(([status]) => status)).toEqual([401, 401, 401])
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(await listContacts(token)).toBe(200)
  })

  test('does not open the management API', async () => {
    const { token } = await createToken()
    expect((await server.manage('keys.list', { workspaceId }, { key: token, query: true })).status).toBe(401)
  })

  test('is refused in a URL and cut out of what is written', async () => {
    const { token } = await createToken()
    const { status, body, text } = await server.call('GET', `/contacts?key=${token}`)
    expect([status, body.code]).toEqual([401, 'key_in_url'])
    expect(text).not.toContain(token)
    expect(server.output()).not.toContain(token)
  })
})

describe('POST /oauth/introspect', () => {
  const introspect = (token: string, key: string) => post('/oauth/introspect', { token, client_secret: key })

  test('tells whoever has a key of the same environment what a token may and until when', async () => {
    const { token, keyId } = await createToken({ scope: 'lists:read' })
    const { secret } = await createKey()
    const { status, body } = await introspect(token, secret)
    expect(status).toBe(200)
    expect(body).toEqual({
      active: true, scope: 'lists:read', client_id: keyId, sub: keyId, token_type: 'Bearer', iss: server.apiUrl,
      iat: expect.any(Number), exp: body.iat + 900, jti: expect.stringMatching(/^tok_[0-7][0-9a-z]{25}$/),
    })
  })

  test('takes nothing from the limits of the key that a token is of', async () => {
    const { token } = await createToken({}, { rateLimits: [{ name: 'few', limit: '2/1h' }] })
    const { secret } = await createKey()
    for (let turn = 0; turn < 3; turn++) expect((await introspect(token, secret)).body.active).toBe(true)
    expect(await listContacts(token)).toBe(200)
  })

  test('says inactive, and no more, of a token of elsewhere, one that ended, a key, and nonsense', async () => {
    const { secret, token, keyId } = await createToken()
    const elsewhere = (await server.manage('workspaces.create', { name: 'Other' })).body.result.data.workspace.id
    const foreign = await createToken({}, { workspaceId: elsewhere })
    const tests = await createToken({}, { mode: 'test' })
    const own = await createKey()
    await server.manage('keys.disable', { keyId })
    for (const text of [foreign.token, tests.token, token, secret, 'nonsense', '']) {
      const { status, body } = await introspect(text === '' ? 'x' : text, own.secret)
      expect([status, body]).toEqual([200, { active: false }])
    }
  })

  test('is for clients alone: who has no key learns nothing', async () => {
    const { token } = await createToken()
    expect(errorOf(await post('/oauth/introspect', { token }))).toEqual([401, 'invalid_client'])
    expect(errorOf(await introspect(token, token))).toEqual([401, 'invalid_client'])
    expect(errorOf(await introspect('', (await createKey()).secret))).toEqual([400, 'invalid_request'])
  })
})

describe('POST /oauth/revoke', () => {
  const revoke = (token: string) => post('/oauth/revoke', { token })

  test('ends a token for whoever holds it, once, with a row in the audit log; its key and other tokens live on', async () => {
    const { token, secret, keyId } = await createToken()
    const other = (await post('/oauth/token', { grant_type: 'client_credentials', client_secret: secret })).body.access_token
    expect(await listContacts(token)).toBe(200)
    expect([(await revoke(token)).status, (await revoke(token)).status]).toEqual([200, 200])
    expect([await codeOf(token), await listContacts(secret), await listContacts(other)]).toEqual(['revoked_key', 200, 200])
    const { data } = (await server.manage('audit.list', { workspaceId, action: 'oauth.revoke' }, { query: true })).body.result.data
    const rows = data.filter(({ after }: { after: { keyId: string } }) => after.keyId === keyId)
    expect(rows).toMatchObject([{ target: expect.stringMatching(/^tok_/), ip: '127.0.0.1', after: { status: 'revoked' } }])
    expect((await server.manage('audit.verify', { workspaceId }, { query: true })).body.result.data).toMatchObject({ intact: true })
  })

  test('is fine with what never was a token, and refuses to revoke a key this way', async () => {
    for (const text of ['nonsense', format?.issue({ mode: 'live' }).token ?? '']) expect((await revoke(text)).status).toBe(200)
    const { secret } = await createKey()
    expect(errorOf(await revoke(secret))).toEqual([400, 'unsupported_token_type'])
    expect(await listContacts(secret)).toBe(200)
    expect(errorOf(await post('/oauth/revoke', {}))).toEqual([400, 'invalid_request'])
  })
})

test('GET /.well-known/oauth-authorization-server tells clients where everything is', async () => {
  const response = await fetch(`${server.apiUrl}/.well-known/oauth-authorization-server`)
  const body = (await response.json()) as Record<string, string>
  expect(response.status).toBe(200)
  expect(body).toMatchObject({ issuer: server.apiUrl, grant_types_supported: ['client_credentials', exchange] })
  for (const name of ['token', 'introspection', 'revocation']) {
    const endpoint = await fetch(body[`${name}_endpoint`] ?? '', { method: 'POST', body: new URLSearchParams({ a: 'b' }) })
    expect([name, endpoint.status]).toEqual([name, 400])
  }
})
