import { newId, productScopeNames, type WorkspaceId } from '@letterlock/contract'
import { auditEvents, keys, revisions } from '@letterlock/db'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestManagement, keyIdOf, type TestManagement } from './test-management.ts'

let management: TestManagement
let workspaceId: WorkspaceId
beforeAll(async () => {
  management = await createTestManagement()
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
})
afterAll(() => management.database.drop())

function createKey(input: Record<string, unknown> = {}) {
  return management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', ...input })
}

function verify(key: string, scope?: string, ip?: string) {
  return management.verify(key, scope, ip)
}

function auditOf(target: string) {
  return management.db.selectFrom('audit_events').selectAll().where('target', '=', target).orderBy('sequence').execute()
}

describe('workspaces', () => {
  test('create answers both environments and the revision', async () => {
    const before = await revisions.currentRevision(management.db)
    const { status, data, headers } = await management.mutate('workspaces.create', { name: 'Ünïcode & Söhne', quotas: { 'emails.sent': 5 } })
    expect(status).toBe(200)
    expect(headers.get('x-request-id')).toMatch(/^req_/)
    expect(data).toEqual({
      workspace: { id: expect.stringMatching(/^ws_/), name: 'Ünïcode & Söhne', status: 'active', planId: null, nextPlan: null, rateLimits: [], spendCap: null, features: [], createdAt: '2026-11-22T09:30:00.000Z', updatedAt: '2026-11-22T09:30:00.000Z' },
      environments: { live: { id: expect.stringMatching(/^env_/), mode: 'live' }, test: { id: expect.stringMatching(/^env_/), mode: 'test' } },
      quotas: { 'emails.sent': { amount: 5, origin: 'own' } }, softQuotas: {},
      revision: before + 1,
    })
    expect(await management.query('workspaces.get', { workspaceId: data.workspace.id })).toMatchObject({
      status: 200, data: { workspace: data.workspace, environments: data.environments, quotas: data.quotas },
    })
    expect(await auditOf(data.workspace.id)).toMatchObject([
      { action: 'workspaces.create', actor: keyIdOf(management.rootKey), revision: before + 1, ip: '127.0.0.1', request_id: headers.get('x-request-id') },
    ])
  })

  test('get answers 404 for an unknown id', async () => {
    const { status, error } = await management.query('workspaces.get', { workspaceId: newId('workspace') })
    expect([status, error.data.code]).toEqual([404, 'not_found'])
  })

  test('list walks from new to old without a gap, with and without input', async () => {
    for (const name of ['One', 'Two', 'Three']) await management.mutate('workspaces.create', { name })
    const all = (await management.query('workspaces.list')).data
    expect(all).toMatchObject({ hasMore: false, nextCursor: null })
    const seen: unknown[] = []
    for (let cursor: string | undefined; ; ) {
      const page = (await management.query('workspaces.list', { limit: 2, cursor })).data
      seen.push(...page.data)
      if (!page.hasMore) break
      cursor = page.nextCursor
    }
    expect(seen).toEqual(all.data)
    expect(seen.length).toBeGreaterThanOrEqual(4)
  })

  test.each([['a forged cursor', { cursor: 'abc' }], ['a limit of 0', { limit: 0 }], ['a limit of 101', { limit: 101 }]])('list refuses %s', async (_, input) => {
    const { status, error } = await management.query('workspaces.list', input)
    expect([status, error.data.issues[0].path]).toEqual([400, Object.keys(input)[0]])
  })
})

describe('keys.create', () => {
  test('answers a secret that works at once, and the key as keys.get shows it', async () => {
    const input = {
      scopes: ['contacts:read', 'contacts:read'], expiresIn: '90d', ipAllow: ['10.1.2.3/8', '::ffff:192.0.2.7', '2001:DB8::/32'],
      rateLimits: [{ name: 'burst', limit: '100/10s', burst: 5 }, { name: 'daily', limit: '10000/1d' }], purpose: 'Nightly import',
    }
    const { status, data } = await createKey(input)
    expect(status).toBe(200)
    expect(data.key).toMatchObject({
      workspaceId, mode: 'live', name: 'CI', purpose: 'Nightly import', status: 'active', scopes: ['contacts:read'],
      ipAllow: ['10.0.0.0/8', '192.0.2.7/32', '2001:db8::/32'], rateLimits: input.rateLimits,
      expiresAt: '2027-02-20T09:30:00.000Z', createdBy: keyIdOf(management.rootKey), lastUsedAt: null,
    })
    expect(keyIdOf(data.secret)).toBe(data.key.id)
    expect(await verify(data.secret, 'contacts:read', '10.9.9.9')).toMatchObject({ code: 'ok', limits: [{ name: 'burst', remaining: 4 }, { name: 'daily' }] })
    expect(await verify(data.secret, 'contacts:write', '10.9.9.9')).toMatchObject({ code: 'insufficient_scope' })
    expect(await verify(data.secret, 'contacts:read', '11.0.0.1')).toMatchObject({ code: 'ip_not_allowed' })
    expect((await management.query('keys.get', { keyId: data.key.id })).data).toMatchObject({ key: data.key, secretVersions: [{ version: 1, lastUsedAt: null }] })
  })

  test('grants nothing that is not listed', async () => {
    const { data } = await createKey({ mode: 'test' })
    expect(data.key.scopes).toEqual([])
    for (const scope of productScopeNames) expect((await verify(data.secret, scope)).code).toBe('insufficient_scope')
  })

  test('answers 404 for an unknown workspace', async () => {
    const { status, error } = await createKey({ workspaceId: newId('workspace') })
    expect([status, error.data.code]).toEqual([404, 'not_found'])
  })

  test.each<[string, object, string, string]>([
    ['a mistyped scope, with the nearest', { scopes: ['contacts:reed'] }, 'scopes.0', 'did you mean contacts:read?'],
    ['a scope of root keys', { scopes: ['keys:write'] }, 'scopes.0', 'unknown scope'],
    ['a range with too many bits', { ipAllow: ['10.0.0.0/8', '10.0.0.0/33'] }, 'ipAllow.1', 'expected an address or a range'],
    ['an octal address', { ipAllow: ['010.0.0.1'] }, 'ipAllow.0', 'expected an address or a range'],
    ['a name like that of a limit of the workspace', { rateLimits: [{ name: 'workspace.day', limit: '1/1s' }] }, 'rateLimits.0.name', 'choose another'],
    ['a name like that of a limit of the plan', { rateLimits: [{ name: 'plan.x', limit: '1/1s' }] }, 'rateLimits.0.name', 'choose another'],
    ['a limit of nothing', { rateLimits: [{ name: 'a', limit: '0/1s' }] }, 'rateLimits.0.limit', 'such as 100/10s'],
    ['a limit without a period', { rateLimits: [{ name: 'a', limit: '10' }] }, 'rateLimits.0.limit', 'such as 100/10s'],
    ['a limit beyond exact counting', { rateLimits: [{ name: 'a', limit: '999999999/999999999d' }] }, 'rateLimits.0.limit', 'such as'],
    ['a limit with a name that breaks headers', { rateLimits: [{ name: 'a"b', limit: '1/1s' }] }, 'rateLimits.0.name', 'letters, digits'],
    ['two limits of one name', { rateLimits: [{ name: 'a', limit: '1/1s' }, { name: 'a', limit: '2/1s' }] }, 'rateLimits.1.name', 'another limit'],
    ['a burst of nothing', { rateLimits: [{ name: 'a', limit: '1/1s', burst: 0 }] }, 'rateLimits.0.burst', ''],
    ['a life that is no duration', { expiresIn: 'soon' }, 'expiresIn', 'such as 90d'],
    ['a life of no time', { expiresIn: '0s' }, 'expiresIn', 'such as 90d'],
    ['a mode of root keys', { mode: 'root' }, 'mode', ''],
    ['a name of two lines', { name: 'a\r\nb' }, 'name', 'one line'],
    ['a name with NUL', { name: 'a\0b' }, 'name', 'NUL'],
    ['an unpaired surrogate', { name: 'a\ud800' }, 'name', 'surrogate'],
    ['an id of another kind', { workspaceId: newId('key') }, 'workspaceId', 'ws_'],
    ['an unknown field', { scope: ['contacts:read'] }, 'scope', 'unknown field'],
  ])('refuses %s', async (...[, input, path, message]) => {
    const { status, error } = await createKey({ ...input })
    expect([status, error.data.code]).toEqual([400, 'invalid_request'])
    expect(error.data.issues[0]).toEqual({ path, message: expect.stringContaining(message) })
  })
})

describe('keys.list', () => {
  test('shows the keys of one workspace, by mode, without secrets', async () => {
    const { data } = await management.mutate('workspaces.create', { name: 'Listed' })
    const owner = { workspaceId: data.workspace.id as string }
    const made = []
    for (const mode of ['live', 'test', 'live']) {
      management.state.now = new Date(management.state.now.getTime() + 1) // ids sort by the millisecond
      made.push((await createKey({ ...owner, mode })).data)
    }
    const list = await management.query('keys.list', owner)
    expect(list.data.data).toEqual(made.map(({ key }) => key).reverse())
    for (const { secret } of made) expect(list.text).not.toContain(secret.slice(40))
    expect((await management.query('keys.list', { ...owner, mode: 'test' })).data.data).toEqual([made[1]?.key])
    const first = (await management.query('keys.list', { ...owner, limit: 2 })).data
    expect(first).toMatchObject({ hasMore: true, data: [{ id: made[2]?.key.id }, { id: made[1]?.key.id }] })
    expect((await management.query('keys.list', { ...owner, limit: 2, cursor: first.nextCursor })).data).toEqual({ data: [made[0]?.key], hasMore: false, nextCursor: null })
  })

  test('answers 404 for an unknown workspace', async () => {
    expect((await management.query('keys.list', { workspaceId: newId('workspace') })).status).toBe(404)
  })
})

describe('keys.get', () => {
  test.each([['an unknown id', () => newId('key')], ['a root key', () => keyIdOf(management.rootKey)]])('answers 404 for %s', async (_, id) => {
    expect((await management.query('keys.get', { keyId: id() })).error.data.code).toBe('not_found')
  })
})

describe('keys.revoke', () => {
  test('is in force with its answer, is audited, and answers the same when repeated', async () => {
    const { key, secret } = (await createKey()).data
    const before = await revisions.currentRevision(management.db)
    const first = await management.mutate('keys.revoke', { keyId: key.id, reason: 'laptop lost' })
    expect(first.data).toMatchObject({ key: { id: key.id, status: 'revoked', revokedReason: 'laptop lost', revokedAt: management.state.now.toISOString() }, revision: before + 1 })
    expect((await verify(secret)).code).toBe('revoked_key')
    const second = await management.mutate('keys.revoke', { keyId: key.id, reason: 'again' })
    expect(second.data).toEqual({ key: first.data.key, revision: before + 1 })
    expect(await auditOf(key.id)).toMatchObject([
      { action: 'keys.create', before: null, after: key },
      { action: 'keys.revoke', revision: before + 1, before: { status: 'active' }, after: { status: 'revoked', revokedReason: 'laptop lost' } },
    ])
  })

  test('by ten callers at once changes and audits once', async () => {
    const { key } = (await createKey()).data
    const before = await revisions.currentRevision(management.db)
    const answers = await Promise.all(Array.from({ length: 10 }, () => management.mutate('keys.revoke', { keyId: key.id })))
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect(await revisions.currentRevision(management.db)).toBe(before + 1)
    expect(await auditOf(key.id)).toHaveLength(2)
  })

  test('answers 404 for an unknown id and for a root key', async () => {
    for (const keyId of [newId('key'), keyIdOf(management.rootKey)]) {
      expect((await management.mutate('keys.revoke', { keyId })).status).toBe(404)
    }
    expect((await management.query('scopes.list')).status).toBe(200)
  })
})

test('scopes.list tells both registries', async () => {
  const { data } = await management.query('scopes.list')
  expect(data.data).toContainEqual({ name: 'contacts:read', allows: 'Read contacts.', grantedTo: 'key' })
  expect(data.data).toContainEqual({ name: 'keys:write', allows: expect.any(String), grantedTo: 'rootKey' })
})

describe('authentication', () => {
  test('refuses API keys, wrong secrets and garbage alike', async () => {
    const { secret } = (await createKey()).data
    const unknown = management.keyFormat.issue({ mode: 'root' }).token
    const wrong = management.keyFormat.issue({ mode: 'root', keyId: keyIdOf(management.rootKey) }).token
    const answers = await Promise.all([secret, unknown, wrong, 'garbage'].map((key) => management.query('scopes.list', {}, { key })))
    for (const { status, error, headers } of answers) {
      expect(status).toBe(401)
      expect({ ...error.data, requestId: null }).toEqual({ code: 'invalid_key', httpStatus: 401, requestId: null })
      expect(headers.get('www-authenticate')).toMatch(/^Bearer/)
    }
    expect(new Set(answers.map(({ error }) => error.message)).size).toBe(1)
  })

  test('records who has no root key, and no one else', async () => {
    management.attempts.splice(0)
    const { token, keyId } = management.keyFormat.issue({ mode: 'root' })
    await management.query('keys.list', {}, { key: null })
    await management.mutate('keys.create', {}, { key: token, headers: { 'user-agent': 'curl/8' } })
    await management.query('keys.list', {}, { key: await management.addRootKey([]) })
    await management.query('keys.list', {})
    await management.query('keys.nothing', {}, { key: token })
    const attempt = { status: 401, ip: '127.0.0.1', now: management.state.now }
    expect(management.attempts).toMatchObject([
      { ...attempt, outcome: 'missing_key', operationId: 'keys.list', claimedKeyId: null, userAgent: null },
      { ...attempt, outcome: 'invalid_key', operationId: 'keys.create', claimedKeyId: keyId, userAgent: 'curl/8' },
    ])
  })

  test('notes the use of a root key, to the minute', async () => {
    const key = await management.addRootKey(['scopes:read'])
    const lastUse = async () => (await keys.findRootKey(management.db, keyIdOf(key)))?.last_used_at?.getTime()
    const startMs = management.state.now.getTime()
    for (const [afterMs, expected] of [[0, 0], [59_999, 0], [60_000, 60_000]] as const) {
      management.state.now = new Date(startMs + afterMs)
      await management.query('scopes.list', {}, { key })
      await expect.poll(lastUse).toBe(startMs + expected)
    }
    await management.query('keys.list', {}, { key })
    expect(await lastUse()).toBe(startMs + 60_000)
  })

  test('refuses a root key whose time is over', async () => {
    const key = await management.addRootKey(['scopes:read'], { expiresAt: management.state.now })
    expect((await management.query('scopes.list', {}, { key })).error.data.code).toBe('expired_key')
  })

  test('refuses a key in the URL, even beside a good one, and reports it', async () => {
    const { status, error } = await management.query('scopes.list', { note: management.rootKey })
    expect([status, error.data.code]).toEqual([401, 'key_in_url'])
    expect(management.exposed).toEqual([management.rootKey])
  })
})

describe('answers', () => {
  test.each<[string, string, RequestInit, string | null]>([
    ['a success', '/trpc/rootKeys.create', { method: 'POST', body: '{"name":"Cached","scopes":[]}' }, null],
    ['a refusal', '/trpc/scopes.list', { method: 'GET' }, 'nobody'],
    ['an unknown procedure', '/trpc/keys.nothing', { method: 'GET' }, null],
    ['a body of 2 MiB', '/trpc/workspaces.create', { method: 'POST', body: JSON.stringify('x'.repeat(2 ** 21)) }, null],
    ['a batch', '/trpc/scopes.list?batch=1', { method: 'GET' }, null],
  ])('%s is stored by no cache', async (...[, path, init, key]) => {
    const answer = await management.send(path, { ...init, headers: { 'content-type': 'application/json' } }, key === null ? {} : { key })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('a refusal repeats bounded names, not many, and never a key', async () => {
    const { secret } = (await createKey()).data
    const fields = { [secret]: 1, [`${'-'.repeat(40)}${secret}`]: 1, ['x'.repeat(10_000)]: 1 }
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`f${i}`, 1]))
    for (const procedure of ['keys.create', 'workspaces.create', 'rootKeys.revoke']) {
      const answer = await management.mutate(procedure, { ...fields, ...many })
      expect([answer.status, answer.error.data.code]).toEqual([400, 'invalid_request'])
      expect(answer.error.data.issues).toHaveLength(50)
      expect(answer.text.length).toBeLessThan(10_000)
      expect(answer.text).not.toContain(secret.slice(35, 45))
    }
  })
})

describe('errors', () => {
  test.each<[string, string, RequestInit, number, string]>([
    ['an unknown procedure', '/trpc/keys.nothing', { method: 'GET' }, 404, 'not_found'],
    ['a mutation by GET', '/trpc/workspaces.create', { method: 'GET' }, 405, 'method_not_allowed'],
    ['a query by POST', '/trpc/scopes.list', { method: 'POST', body: '{}' }, 405, 'method_not_allowed'],
    ['a body that is no JSON', '/trpc/workspaces.create', { method: 'POST', body: '{"name":' }, 400, 'invalid_request'],
    ['an input that is no JSON', '/trpc/scopes.list?input=%7B', { method: 'GET' }, 400, 'invalid_request'],
    ['a body that is no object', '/trpc/workspaces.create', { method: 'POST', body: '[]' }, 400, 'invalid_request'],
    ['no body', '/trpc/workspaces.create', { method: 'POST' }, 400, 'invalid_request'],
    ['a body of 2 MiB', '/trpc/workspaces.create', { method: 'POST', body: JSON.stringify('x'.repeat(2 ** 21)) }, 413, 'payload_too_large'],
    ['a batch of 21', `/trpc/${Array(21).fill('scopes.list').join(',')}?batch=1`, { method: 'GET' }, 400, 'invalid_request'],
    ['a batch of another kind', '/trpc/scopes.list?batch=2', { method: 'GET' }, 400, 'invalid_request'],
    ['a batch with inputs that are no object', '/trpc/scopes.list?batch=1&input=[]', { method: 'GET' }, 400, 'invalid_request'],
    ['a batch with a body that is no JSON', '/trpc/workspaces.create?batch=1', { method: 'POST', body: '{"0":' }, 400, 'invalid_request'],
    ['a batch of 2 MiB', '/trpc/workspaces.create?batch=1', { method: 'POST', body: JSON.stringify({ 0: 'x'.repeat(2 ** 21) }) }, 413, 'payload_too_large'],
    ['a batch by PUT', '/trpc/workspaces.create?batch=1', { method: 'PUT', body: '{}' }, 405, 'method_not_allowed'],
  ])('%s has the one shape', async (...[, path, init, status, code]) => {
    const answer = await management.send(path, { ...init, headers: { 'content-type': 'application/json' } })
    expect([answer.status, answer.error.data]).toMatchObject([status, { code, httpStatus: status, requestId: answer.headers.get('x-request-id') }])
    expect(answer.text).not.toMatch(/stack|node_modules|\.ts\b|select |insert /)
  })

  test('a form instead of JSON is 415', async () => {
    const answer = await management.send('/trpc/workspaces.create', { method: 'POST', body: 'a=b', headers: { 'content-type': 'text/plain' } })
    expect([answer.status, answer.error.data.code]).toEqual([415, 'unsupported_media_type'])
  })

  test('a failing audit row undoes the change and the revision, and tells nothing of SQL', async () => {
    const before = await revisions.currentRevision(management.db)
    const count = async () => (await keys.listRootKeys(management.db, { limit: 100 })).length
    const keysBefore = await count()
    await management.db.schema.alterTable('audit_events').renameTo('audit_gone').execute()
    try {
      const answer = await management.mutate('rootKeys.create', { name: 'Never', scopes: [] })
      expect([answer.status, answer.error.data.code]).toEqual([500, 'internal'])
      expect(answer.text).not.toMatch(/audit|relation|stack|select/)
      expect(management.state.log).toContain('audit_events')
    } finally {
      await management.db.schema.alterTable('audit_gone').renameTo('audit_events').execute()
    }
    expect(await count()).toBe(keysBefore)
    expect(await revisions.currentRevision(management.db)).toBe(before)
  })
})

test('all chains are intact at the end, and hold neither secrets nor digests', async () => {
  for (const chain of [workspaceId, auditEvents.installationChain] as const) {
    expect(await auditEvents.verifyChain(management.db, chain)).toMatchObject({ intact: true })
  }
  const rows = JSON.stringify(await management.db.selectFrom('audit_events').select(['before', 'after', 'target', 'actor']).execute())
  expect(management.keyFormat.findKeys(rows)).toEqual([])
  expect(rows).not.toMatch(/digest|secret/)
})
