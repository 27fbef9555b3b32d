import { letterlockKeys } from '@letterlock/keys'
import { accessTokenFormat, type OutcomeCode, type Verifier } from '@letterlock/verifier'
import { connectVerifier, type ConnectOptions } from '@letterlock/verifier/remote'
import { createHash, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startVerifierRig, type VerifierRig } from './verifier-rig.ts'

let rig: VerifierRig
let workspaceId: string
let readerKey: string
let remotes: Verifier[] = []
/** What went over the wire, and what a test does to it. */
const wire = { bodies: [] as string[], asked: [] as string[], delayMs: 0, replay: null as string | null }
beforeEach(async () => {
  Object.assign(wire, { bodies: [], asked: [], delayMs: 0, replay: null })
  rig = await startVerifierRig()
  workspaceId = (await rig.manage('workspaces.create', { name: 'Acme' })).workspace.id
  readerKey = await rig.addRootKey(['verifier:read'])
})
afterEach(async () => {
  for (const remote of remotes) await remote.stop()
  remotes = []
  await rig.stop()
})

async function createKey(input: object = {}) {
  return (await rig.manage('keys.create', { workspaceId, mode: 'live', name: 'CI', scopes: ['contacts:read'], ...input })) as { key: { id: string }; secret: string }
}

/** `fetch` through a proxy that can be slow or repeat an old answer. */
const proxied: typeof fetch = async (input, init) => {
  wire.asked.push(String(input))
  const response = await fetch(input, init)
  const text = await response.text()
  wire.bodies.push(text)
  if (wire.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, wire.delayMs))
  return new Response(wire.replay ?? text, { status: response.status })
}

async function connect(change: Partial<ConnectOptions> = {}) {
  const errors: unknown[] = []
  const remote = connectVerifier({ url: rig.url, rootKey: readerKey, clock: () => new Date(), fetch: proxied, onError: (error) => void errors.push(error), ...change })
  remotes.push(remote)
  await remote.start()
  const check = async (key: string, ask: object = {}) => (await remote.verify({ key, modes: ['live', 'test'], scope: 'contacts:read', ip: '192.0.2.7', ...ask })).code
  return { remote, check, errors }
}

/** How long it takes until the answer is another than `ok`, and what it is. */
async function whenEnded(check: () => Promise<OutcomeCode>) {
  const startedAt = performance.now()
  for (;;) {
    const code = await check()
    const tookMs = performance.now() - startedAt
    if (code !== 'ok' || tookMs > 5_000) return { code, tookMs }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('connectVerifier()', () => {
  test('verifies access tokens, with the scopes that they have, until they are revoked or their key is', async () => {
    const format = accessTokenFormat('ll')
    const { key, secret } = await createKey({ scopes: ['contacts:read', 'lists:read'] })
    const issue = async () => {
      const form = new URLSearchParams({ grant_type: 'client_credentials', client_secret: secret, scope: 'contacts:read' })
      const answer = await fetch(`${rig.url}/oauth/token`, { method: 'POST', body: form })
      return ((await answer.json()) as { access_token: string }).access_token
    }
    const [one, other] = [await issue(), await issue()]
    const { remote, check } = await connect()
    for (const token of [one, other]) expect([await check(token), await check(token), await check(token, { scope: 'lists:read' })]).toEqual(['ok', 'ok', 'insufficient_scope'])
    expect(await check(format?.issue({ mode: 'live' }).token ?? '')).toBe('invalid_key')
    expect(remote.state()).toMatchObject({ reads: 3, keys: 2 })
    await fetch(`${rig.url}/oauth/revoke`, { method: 'POST', body: new URLSearchParams({ token: one }) })
    const ended = await whenEnded(() => check(one))
    expect([ended.code, ended.tookMs < 1_000, await check(other)]).toEqual(['revoked_key', true, 'ok'])
    await rig.manage('keys.revoke', { keyId: key.id })
    const endedToo = await whenEnded(() => check(other))
    expect([endedToo.code, endedToo.tookMs < 1_000]).toEqual(['revoked_key', true])
  })

  test('verifies imported keys, of a format that was declared before it came and of one that is declared later', async () => {
    const importToken = async (prefix: string) => {
      const token = prefix + randomBytes(24).toString('base64url')
      const keys = [{ sha256: createHash('sha256').update(token).digest('hex'), name: 'Old', scopes: ['contacts:read'] }]
      const { data, revision } = await rig.manage('keys.import', { workspaceId, mode: 'live', format: { prefix }, keys })
      return { token, keyId: data[0].keyId as string, minRevision: revision as number }
    }
    const early = await importToken('early_')
    const { remote, check } = await connect()
    expect([await check(early.token), await check(early.token)]).toEqual(['ok', 'ok'])
    expect(await check(`late_${'x'.repeat(20)}`)).toBe('invalid_key')
    expect(remote.state()).toMatchObject({ reads: 1, keys: 1 })
    const late = await importToken('late_')
    expect(await check(late.token, { minRevision: late.minRevision })).toBe('ok')
    const { revision: minRevision } = await rig.manage('keys.revoke', { keyId: late.keyId })
    expect(await check(late.token, { minRevision })).toBe('revoked_key')
    expect(await check(early.token)).toBe('ok')
  })

  test('verifies as the server does, and asks once for each key', async () => {
    await rig.manage('workspaces.update', { workspaceId, rateLimits: [{ name: 'own', limit: '200/1m' }] })
    const { secret } = await createKey({ ipAllow: ['192.0.2.0/24'], rateLimits: [{ name: 'own', limit: '100/1m', burst: 7 }] })
    const { remote, check } = await connect()
    expect([await check(secret), await check(secret), await check(secret)]).toEqual(['ok', 'ok', 'ok'])
    expect(await check(secret, { scope: 'lists:read' })).toBe('insufficient_scope')
    expect(await check(secret, { ip: '10.0.0.1' })).toBe('ip_not_allowed')
    expect(await check(letterlockKeys.issue({ mode: 'live' }).token)).toBe('invalid_key')
    expect(remote.state()).toMatchObject({ isFresh: true, reads: 2, keys: 1, refused: 1 })
    const ask = { key: secret, modes: ['live'] as const, scope: null, ip: '192.0.2.7', cost: 0 }
    const [here, there] = [await remote.verify(ask), await rig.verifier.verify(ask)]
    expect('record' in here && 'record' in there && here.record).toEqual('record' in there && there.record)
    expect(wire.bodies.join('\n')).not.toMatch(/digest|pepper/i)
    expect(letterlockKeys.findKeys(wire.bodies.join('\n'))).toEqual([])
  })

  test('asks about the keys of one turn together', async () => {
    const keys = await Promise.all(Array.from({ length: 5 }, () => createKey()))
    const { check, errors } = await connect()
    const codes = await Promise.all([...keys.map(({ secret }) => check(secret)), ...Array.from({ length: 10 }, () => check(letterlockKeys.issue({ mode: 'live' }).token))])
    expect(errors).toEqual([])
    expect(codes.filter((code) => code === 'ok')).toHaveLength(5)
    expect(codes.filter((code) => code === 'invalid_key')).toHaveLength(10)
    expect(wire.asked.filter((url) => url.includes('/records'))).toHaveLength(1)
  })

  test('has a revocation in force within one second', async () => {
    const { key, secret } = await createKey()
    const { check } = await connect()
    expect(await check(secret)).toBe('ok')
    await rig.manage('keys.revoke', { keyId: key.id })
    const { code, tookMs } = await whenEnded(() => check(secret, { cost: 0 }))
    expect(code).toBe('revoked_key')
    expect(tookMs).toBeLessThan(1_000)
  })

  test('is cut off within one second by the revocation of its root key', async () => {
    const { secret } = await createKey()
    const { check, errors } = await connect()
    expect(await check(secret)).toBe('ok')
    const parsed = letterlockKeys.parse(readerKey)
    await rig.manage('rootKeys.revoke', { keyId: parsed.ok && parsed.keyId })
    const { code, tookMs } = await whenEnded(() => check(secret, { cost: 0 }))
    expect(code).toBe('not_fresh')
    expect(tookMs).toBeLessThan(1_050)
    expect(await check((await createKey()).secret)).toBe('unavailable')
    expect(errors).toContainEqual(expect.objectContaining({ code: 'refused', status: 401 }))
    expect(inspect(errors, { depth: 9, showHidden: true })).not.toContain(readerKey.slice(10))
  })

  test('answers not_fresh one second after the server is gone, and goes on when it is back', async () => {
    const { secret } = await createKey()
    const gone = { is: false }
    const { check } = await connect({ fetch: (input, init) => (gone.is ? Promise.reject(new TypeError('fetch failed')) : fetch(input, init)) })
    expect(await check(secret)).toBe('ok')
    gone.is = true
    const { code, tookMs } = await whenEnded(() => check(secret, { cost: 0 }))
    expect(code).toBe('not_fresh')
    expect(tookMs).toBeLessThan(1_050)
    gone.is = false
    await expect.poll(() => check(secret), { timeout: 3_000 }).toBe('ok')
  })

  test('takes no answer for younger than its question because a proxy is slow', async () => {
    const { key, secret } = await createKey()
    const { check } = await connect()
    expect(await check(secret)).toBe('ok')
    wire.delayMs = 600
    await new Promise((resolve) => setTimeout(resolve, 700))
    await rig.manage('keys.revoke', { keyId: key.id })
    const { code, tookMs } = await whenEnded(() => check(secret, { cost: 0 }))
    expect(['revoked_key', 'not_fresh', 'unavailable']).toContain(code)
    expect(tookMs).toBeLessThan(1_000)
  })

  test('takes no answer to another question for a proof', async () => {
    const { secret } = await createKey()
    const { check, errors } = await connect()
    expect(await check(secret)).toBe('ok')
    wire.replay = wire.bodies.findLast((text) => text.includes('"changes"')) ?? ''
    const { code } = await whenEnded(() => check(secret, { cost: 0 }))
    expect(code).toBe('not_fresh')
    expect(errors).toContainEqual(expect.objectContaining({ code: 'bad_answer' }))
  })

  test('shows its root key to nobody', async () => {
    const { remote } = await connect()
    expect(inspect(remote, { depth: 9, showHidden: true }) + JSON.stringify(remote)).not.toContain(readerKey.slice(10))
  })

  test.each<[string, () => Partial<ConnectOptions>]>([
    ['a URL that is none', () => ({ url: 'nowhere' })],
    ['plain HTTP to another machine', () => ({ url: 'http://letterlock.example.net:4001' })],
    ['credentials in the URL', () => ({ url: 'https://a:b@letterlock.example.net' })],
    ['an API key', () => ({ rootKey: letterlockKeys.issue({ mode: 'live' }).token })],
    ['a root key with a line end', () => ({ rootKey: `${readerKey}\n` })],
  ])('refuses %s, and repeats no key', async (_, change) => {
    const given = { url: rig.url, rootKey: readerKey, clock: () => new Date(), ...change() }
    const error = (() => {
      try {
        return connectVerifier(given)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toMatchObject({ name: 'RemoteVerifierError', code: 'bad_options' })
    expect(inspect(error, { depth: 9 })).not.toContain(given.rootKey.slice(10, 60))
  })

  test('follows no redirect with its root key', async () => {
    const elsewhere: string[] = []
    const { errors } = await connect({ fetch: async (input, init) => {
      elsewhere.push(String(init?.redirect))
      throw new TypeError(`no ${String(input).length}`)
    } })
    expect(new Set(elsewhere)).toEqual(new Set(['error']))
    expect(errors).toContainEqual(expect.objectContaining({ code: 'unreachable' }))
  })
})
