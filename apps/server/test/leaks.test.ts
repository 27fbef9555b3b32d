import { createHash, generateKeyPairSync } from 'node:crypto'
import { newId, type WorkspaceId } from '@letterlock/contract'
import { letterlockKeys } from '@letterlock/keys'
import { memoryLimits } from '@letterlock/verifier'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sweep } from '../src/jobs/sweeps.ts'
import { githubKeys } from '../src/leaks/github-keys.ts'
import { leaksApp } from '../src/leaks/leaks-app.ts'
import { type FakeGithub, startFakeGithub } from '../src/leaks/testing/fake-github.ts'
import { createTestManagement, keyIdOf, type TestManagement } from './management/test-management.ts'

const start = new Date('2026-11-22T09:30:00.000Z')

let management: TestManagement
let workspaceId: WorkspaceId
let github: FakeGithub
const world = { monotonicMs: 0, reads: 0, ip: '198.51.100.7' }
let app: ReturnType<typeof leaksApp>
beforeAll(async () => {
  management = await createTestManagement()
})
beforeEach(async () => {
  Object.assign(world, { monotonicMs: 0, reads: 0, ip: '198.51.100.7' })
  management.state.now = start
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
  github = await startFakeGithub()
  const { proveToken, keyFormat, clock } = management
  app = leaksApp({
    ...management,
    proveToken: (presented) => {
      world.reads += 1
      return proveToken(presented)
    },
    redact: keyFormat.redactKeys,
    clientIp: () => world.ip,
    takeTokens: memoryLimits({ clock }).takeTokens,
    githubKeys: githubKeys({ url: github.url, monotonic: () => world.monotonicMs }),
  })
})
afterEach(() => github.stop())
afterAll(() => management.database.drop())

async function createKey(input: object = {}) {
  const { key, secret } = (await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', scopes: ['contacts:read'], ...input })).data
  return { keyId: key.id as string, secret: secret as string }
}

const finding = (token: string, more: object = {}) =>
  ({ token, type: 'letterlock_live_key', url: `https://github.com/acme/app/blob/main/${newId('request')}`, source: 'content', ...more })

async function post(path: string, body: string, headers: Record<string, string>) {
  const answer = await app.request(path, { method: 'POST', body, headers })
  const text = await answer.text()
  return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) }
}

function alert(findings: unknown, change: Record<string, string> = {}) {
  const body = JSON.stringify(findings)
  return post('/leaks/github', body, { ...github.headersOf(body), ...change })
}

const report = (input: unknown) => post('/leaks/report', JSON.stringify(input), { 'content-type': 'application/json' })
const codeOf = async (secret: string) => (await management.verify(secret)).code
const leaksOf = async (input: object = {}) => (await management.query('leaks.list', { workspaceId, ...input })).data.data
const alertsOf = async () => (await management.query('alerts.list', { workspaceId, kind: 'key.leaked' })).data.data
const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')
/** All that a leak can change. */
async function stateOf(): Promise<string> {
  const { rows } = await sql<{ text: string }>`
    select (select revision from revisions)::text || (select count(*) from leaks)::text || (select count(*) from alerts)::text
      || (select count(*) from audit_events)::text as text
  `.execute(management.db)
  return rows[0]?.text ?? ''
}

describe('POST /leaks/github', () => {
  test('revokes a live key, keeps where it was found, tells the workspace, and answers GitHub that it was real', async () => {
    const { keyId, secret } = await createKey()
    const found = finding(secret)
    const { status, body } = await alert([found])
    expect([status, body]).toEqual([200, [{ token_hash: hashOf(secret), token_type: found.type, label: 'true_positive' }]])
    expect(await codeOf(secret)).toBe('revoked_key')
    const [leak, ...more] = await leaksOf()
    expect(more).toEqual([])
    expect(leak).toEqual({
      id: expect.stringMatching(/^leak_/), keyId, secretVersion: 1, source: 'github', kind: 'content', url: found.url, reporterIp: null,
      response: 'revoked', foundAt: start.toISOString(),
    })
    expect(await alertsOf()).toMatchObject([{ subject: keyId, detail: { name: 'CI', response: 'revoked', url: found.url, leakId: leak.id } }])
    const { key } = (await management.query('keys.get', { keyId })).data
    expect(key).toMatchObject({ status: 'revoked', revokedReason: 'leaked', exposedAt: start.toISOString() })
    const [event] = (await management.query('audit.list', { workspaceId, action: 'keys.revoke' })).data.data
    expect(event).toMatchObject({ actor: 'system', target: keyId, after: { revokedReason: 'leaked', leak: { source: 'github', url: found.url } } })
    expect((await management.query('audit.verify', { workspaceId })).data.intact).toBe(true)
  })

  test('does nothing for a bad signature, another body, another key, an unknown key id, or headers that are missing', async () => {
    const { secret } = await createKey()
    const before = await stateOf()
    const body = JSON.stringify([finding(secret)])
    const signed = github.headersOf(body)
    const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey
    const wrong: [string, Record<string, string>][] = [
      [`${body} `, signed],
      [body, { ...signed, 'github-public-key-signature': '' }],
      [body, { ...signed, 'github-public-key-signature': 'AAAA' }],
      [body, { ...signed, 'github-public-key-signature': 'not base64!' }],
      [body, { ...signed, 'github-public-key-signature': github.headersOf('[]')['github-public-key-signature'] ?? '' }],
      [body, github.headersOf(body, other)],
      [body, github.headersOf(body, undefined, 'f'.repeat(64))],
      [body, { 'content-type': 'application/json' }],
    ]
    for (const [text, headers] of wrong) {
      const answer = await post('/leaks/github', text, headers)
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request'])
      expect(answer.text).not.toContain(secret)
    }
    expect([await stateOf(), world.reads, await codeOf(secret)]).toEqual([before, 0, 'ok'])
  })

  test('does not take another kind of key that GitHub might publish', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
    github.state.published.push({ key_identifier: 'odd', key: publicKey.export({ type: 'spki', format: 'pem' }), is_current: true })
    const body = JSON.stringify([finding((await createKey()).secret)])
    expect((await post('/leaks/github', body, github.headersOf(body, privateKey, 'odd'))).status).toBe(400)
  })

  test('acts upon a message once: a copy is refused and changes nothing', async () => {
    const { secret } = await createKey()
    const findings = [finding(secret)]
    expect((await alert(findings)).status).toBe(200)
    const before = await stateOf()
    const copy = await alert(findings)
    expect([copy.status, copy.body.code, await stateOf()]).toEqual([409, 'already_exists', before])
  })

  test('remembers copies for 30 days, and is harmless after', async () => {
    const { secret } = await createKey()
    const findings = [finding(secret)]
    await alert(findings)
    management.state.now = new Date(start.getTime() + 31 * 86_400_000)
    await sweep(management, (error) => { throw error })
    const before = await stateOf()
    expect([(await alert(findings)).status, await stateOf()]).toEqual([200, before])
  })

  test('reads nothing for tokens whose checksum is wrong, and keeps nothing of them or of such as were never issued', async () => {
    const before = await stateOf()
    const broken = Array.from({ length: 500 }, () => {
      const { token } = letterlockKeys.issue({ mode: 'live' })
      return finding(`${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`)
    })
    const { status, body } = await alert([...broken, finding('ghp_whatever'), finding('')])
    expect([status, body.length, world.reads]).toEqual([200, 502, 0])
    const { body: unknown } = await alert([finding(letterlockKeys.issue({ mode: 'live' }).token)])
    expect([...body, ...unknown].every(({ label }: { label: string }) => label === 'false_positive')).toBe(true)
    expect([world.reads, await stateOf()]).toEqual([1, before])
  })

  test('acts on a thousand tokens of one message, each key once', async () => {
    const made: { keyId: string; secret: string }[] = []
    for (let turn = 0; turn < 100; turn++) made.push(await createKey())
    const findings = Array.from({ length: 1_000 }, (_, turn) => finding(made[turn % 100]?.secret ?? ''))
    const { status, body } = await alert(findings)
    expect([status, body.length]).toEqual([200, 1_000])
    expect(body.map(({ token_hash }: { token_hash: string }) => token_hash)).toEqual(findings.map(({ token }) => hashOf(token)))
    const ended = await management.db.selectFrom('audit_events').select('target').where('workspace_id', '=', workspaceId).where('action', '=', 'keys.revoke').execute()
    expect(ended.map(({ target }) => target).sort()).toEqual(made.map(({ keyId }) => keyId).sort())
    expect((await alertsOf()).length).toBeGreaterThan(0)
  }, 60_000)

  test('leaves a key alone when a policy is content with a notice, by mode; the harder policy holds', async () => {
    await management.mutate('policies.set', { workspaceId, policy: { whenLeaked: { live: 'notify' } } })
    const [live, tests] = [await createKey(), await createKey({ mode: 'test' })]
    await alert([finding(live.secret), finding(tests.secret)])
    expect([await codeOf(live.secret), await codeOf(tests.secret)]).toEqual(['ok', 'revoked_key'])
    expect((await leaksOf({ keyId: live.keyId }))[0].response).toBe('notified')
    expect((await alertsOf()).map(({ detail }: { detail: { response: string } }) => detail.response).sort()).toEqual(['notified', 'revoked'])
    await management.mutate('policies.set', { workspaceId: null, policy: { whenLeaked: { live: 'revoke' } } })
    await alert([finding(live.secret)])
    expect(await codeOf(live.secret)).toBe('revoked_key')
    await management.mutate('policies.set', { workspaceId: null, policy: {} })
  })

  test('puts a key into quarantine when a policy says so, and does not make it milder for a second place', async () => {
    await management.mutate('policies.set', { workspaceId, policy: { whenLeaked: { live: 'quarantine' } } })
    const { keyId, secret } = await createKey({ ipAllow: ['127.0.0.1'], scopes: ['contacts:read', 'contacts:write'] })
    await alert([finding(secret)])
    expect([await codeOf(secret), (await management.verify(secret, 'contacts:write')).code]).toEqual(['ok', 'key_quarantined'])
    await alert([finding(secret)])
    expect((await leaksOf({ keyId })).map(({ response }: { response: string }) => response)).toEqual(['quarantined', 'quarantined'])
    expect((await management.query('keys.get', { keyId })).data.key.quarantine).toMatchObject({ reason: 'leaked', networks: ['127.0.0.1/32'] })
    expect((await management.query('audit.list', { workspaceId, action: 'keys.quarantine' })).data.data).toMatchObject([{ actor: 'system', after: { leak: { source: 'github' } } }])
  })

  test('retires an old secret alone when the key has a newer one', async () => {
    const { keyId, secret } = await createKey()
    const newer = (await management.mutate('keys.rotate', { keyId, overlap: '24h' })).data.secret
    await alert([finding(secret)])
    expect([await codeOf(secret), await codeOf(newer)]).toEqual(['retired_secret', 'ok'])
    expect(await leaksOf()).toMatchObject([{ secretVersion: 1, response: 'retired' }])
  })

  test('notes where a secret was found that opened nothing any more, and alarms nobody', async () => {
    const [revoked, expired, rotated] = [await createKey(), await createKey({ expiresIn: '1h' }), await createKey()]
    await management.mutate('keys.revoke', { keyId: revoked.keyId })
    await management.mutate('keys.rotate', { keyId: rotated.keyId, overlap: '0s' })
    management.state.now = new Date(start.getTime() + 3_600_000)
    const { body } = await alert([finding(revoked.secret), finding(expired.secret), finding(rotated.secret)])
    expect(body.map(({ label }: { label: string }) => label)).toEqual(['true_positive', 'true_positive', 'true_positive'])
    expect((await leaksOf()).map(({ response }: { response: string }) => response)).toEqual(['none', 'none', 'none'])
    expect(await alertsOf()).toEqual([])
  })

  test('keeps every place of one secret, and alarms once', async () => {
    await management.mutate('policies.set', { workspaceId, policy: { whenLeaked: { live: 'notify' } } })
    const { secret } = await createKey()
    const places = [finding(secret), finding(secret, { source: 'commit' }), finding(secret, { url: null, source: 'unknown' })]
    await alert(places)
    await alert([...places, finding(secret, { url: '' })])
    expect((await leaksOf()).length).toBe(4)
    expect((await alertsOf()).length).toBe(1)
  })

  test('revokes a root key, but never the last that can make others: people are told in the log', async () => {
    const other = await management.addRootKey(['keys:read'])
    await alert([finding(other), finding(management.rootKey)])
    const rows = (await management.query('leaks.list', { workspaceId: null })).data.data
    expect(rows.map(({ keyId, response }: { keyId: string; response: string }) => [keyId, response]).sort()).toEqual(
      [[keyIdOf(other), 'revoked'], [keyIdOf(management.rootKey), 'notified']].sort(),
    )
    expect((await management.query('keys.list', { workspaceId }, { key: other })).error.data.code).toBe('revoked_key')
  })

  test('asks GitHub for its keys once, with the ETag after an hour, and no more than once a minute for ids that nobody knows', async () => {
    const send = async (name?: string) => {
      const body = JSON.stringify([finding('x')])
      return (await post('/leaks/github', body, github.headersOf(body, undefined, name))).status
    }
    expect(await Promise.all([send(), send(), send()])).toEqual([200, 200, 200])
    expect(github.state).toMatchObject({ asked: 1, notModified: 0 })
    expect([await send('unknown'), await send('unknown too')]).toEqual([400, 400])
    expect(github.state.asked).toBe(1)
    world.monotonicMs += 60_001
    expect([await send('unknown'), await send('unknown too')]).toEqual([400, 400])
    expect(github.state).toMatchObject({ asked: 2, notModified: 1 })
    world.monotonicMs += 3_600_001
    expect(await send()).toBe(200)
    expect(github.state).toMatchObject({ asked: 3, notModified: 2 })
  })

  test('answers 503 while the keys of GitHub are out of reach, and takes the message later', async () => {
    const { secret } = await createKey()
    const findings = [finding(secret)]
    github.state.isOut = true
    const refused = await alert(findings)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60'])
    github.state.isOut = false
    world.monotonicMs += 60_001
    expect((await alert(findings)).status).toBe(200)
    expect(await codeOf(secret)).toBe('revoked_key')
  })

  test.each(['{}', '[]', '[{}]', '[{"token":7,"type":"x"}]', 'nonsense', '', `[${'{"token":"x","type":"y"},'.repeat(5_000)}{"token":"x","type":"y"}]`])('refuses what is signed and no alert (%#)', async (body) => {
    const { status } = await post('/leaks/github', body, github.headersOf(body))
    expect(status).toBe(400)
  })

  test('refuses a body of more than 4 MiB, and other methods', async () => {
    const body = JSON.stringify([finding('x'.repeat(4_200_000))])
    expect((await post('/leaks/github', body, github.headersOf(body))).status).toBe(413)
    const { status, headers } = await app.request('/leaks/github')
    expect([status, headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('cuts a key out of the address where it was found', async () => {
    const { secret } = await createKey()
    await alert([finding(secret, { url: `https://example.test/?key=${secret}` })])
    const { rows } = await sql<{ text: string }>`select to_jsonb(l)::text as text from leaks l union all select to_jsonb(a)::text from alerts a`.execute(management.db)
    expect(rows.some(({ text }) => text.includes(secret))).toBe(false)
    expect((await leaksOf())[0].url).toContain('****')
  })
})

describe('POST /leaks/report', () => {
  test('acts on the report of anyone, and answers the same about a real key, one that ended, and nonsense', async () => {
    const [real, ended] = [await createKey(), await createKey()]
    await management.mutate('keys.revoke', { keyId: ended.keyId })
    const answers = []
    for (const key of [real.secret, ` ${ended.secret}\n`, 'nonsense', letterlockKeys.issue({ mode: 'live' }).token]) {
      const { status, text } = await report({ key, url: 'https://wiki.example/page' })
      answers.push(`${status} ${text}`)
    }
    expect(new Set(answers)).toEqual(new Set(['202 {"received":true}']))
    expect(await codeOf(real.secret)).toBe('revoked_key')
    expect(await leaksOf({ keyId: real.keyId })).toMatchObject([{ source: 'report', url: 'https://wiki.example/page', reporterIp: '198.51.100.7', response: 'revoked' }])
  })

  test('takes ten of an address in a minute', async () => {
    const statuses = []
    for (let turn = 0; turn < 12; turn++) statuses.push((await report({ key: 'nonsense' })).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 202), 429, 429])
    world.ip = '198.51.100.8'
    expect((await report({ key: 'nonsense' })).status).toBe(202)
    world.ip = '198.51.100.7'
    management.state.now = new Date(start.getTime() + 60_000)
    expect((await report({ key: 'nonsense' })).status).toBe(202)
  })

  test.each<[unknown, number]>([[{}, 400], [{ key: '' }, 400], [{ key: 'x'.repeat(513) }, 400], [{ key: 'x', url: 'javascript:alert(1)' }, 400], [{ key: 'x', more: 1 }, 400]])('refuses %j', async (input, status) => {
    expect((await report(input)).status).toBe(status)
  })
})

test('leaks.list shows pages of one workspace, or of root keys', async () => {
  const { secret } = await createKey()
  await management.mutate('policies.set', { workspaceId, policy: { whenLeaked: { live: 'notify' } } })
  for (let turn = 0; turn < 3; turn++) {
    management.state.now = new Date(start.getTime() + turn)
    await alert([finding(secret)])
  }
  const all = await leaksOf()
  const { data, nextCursor } = (await management.query('leaks.list', { workspaceId, limit: 2 })).data
  expect([data, await leaksOf({ limit: 2, cursor: nextCursor })]).toEqual([all.slice(0, 2), all.slice(2)])
  expect(await leaksOf({ keyId: newId('key') })).toEqual([])
  expect((await management.query('leaks.list', { workspaceId: newId('workspace') })).status).toBe(404)
})
