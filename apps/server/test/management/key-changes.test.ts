import { newId, type WorkspaceId } from '@letterlock/contract'
import { auditEvents, revisions } from '@letterlock/db'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestManagement, keyIdOf, type TestManagement } from './test-management.ts'

let management: TestManagement
let workspaceId: WorkspaceId
const start = new Date('2026-11-22T09:30:00.000Z')
const later = '2026-11-22T09:31:00.000Z'
beforeAll(async () => {
  management = await createTestManagement()
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
})
beforeEach(() => void (management.state.now = start))
afterAll(() => management.database.drop())

async function createKey(input: Record<string, unknown> = {}) {
  const { data } = await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', scopes: ['contacts:read'], ...input })
  management.state.now = new Date(later)
  return data as { key: { id: string; [member: string]: unknown }; secret: string; revision: number }
}

async function createRole(input: Record<string, unknown> = {}) {
  const { data } = await management.mutate('roles.create', { name: newId('role'), scopes: ['lists:read'], ...input })
  return data.role.id as string
}

const update = (keyId: string, change: object) => management.mutate('keys.update', { keyId, ...change })
const call = (verb: string, keyId: string, input: object = {}) => management.mutate(`keys.${verb}`, { keyId, ...input })

async function auditOf(target: string, action: string) {
  const rows = management.db.selectFrom('audit_events').selectAll().where('target', '=', target).where('action', '=', action)
  return rows.orderBy('sequence').execute()
}

function changesAt(revision: number) {
  return management.db.selectFrom('change_log').select(['kind', 'id']).where('revision', '=', revision).orderBy('kind').execute()
}

describe('keys.create with a role', () => {
  test('shows own and effective scopes, each once', async () => {
    const roleId = await createRole({ scopes: ['lists:read', 'contacts:read'] })
    const { key } = await createKey({ scopes: ['contacts:read', 'emails:send'], roleId })
    expect(key).toMatchObject({ roleId, scopes: ['contacts:read', 'emails:send'], effectiveScopes: ['contacts:read', 'emails:send', 'lists:read'] })
    expect((await management.query('keys.get', { keyId: key.id })).data.key).toEqual(key)
    expect((await management.query('keys.list', { workspaceId })).data.data).toContainEqual(key)
  })

  test('answers 404 for an unknown role and for one of another workspace, and makes nothing', async () => {
    const { data } = await management.mutate('workspaces.create', { name: 'Other' })
    const before = await revisions.currentRevision(management.db)
    const foreign = await createRole({ workspaceId: data.workspace.id })
    for (const roleId of [newId('role'), foreign]) {
      const { status, error } = await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', roleId })
      expect([status, error.data.code, error.message]).toEqual([404, 'not_found', 'There is no such role.'])
    }
    expect(await revisions.currentRevision(management.db)).toBe(before + 1) // of the role alone
  })
})

describe('keys.update', () => {
  test('changes what is given, keeps the rest, and says so in the audit log and the log of changes', async () => {
    const { key, secret, revision } = await createKey({ purpose: 'Nightly', ipAllow: ['10.0.0.0/8'] })
    const roleId = await createRole({ workspaceId })
    const change = { name: 'Deploy', scopes: ['emails:send'], roleId, ipAllow: ['127.0.0.1', '::1'], rateLimits: [{ name: 'a', limit: '5/1s', burst: 2 }] }
    const { status, data } = await update(key.id, { ...change, expiresIn: '90d' })
    const after = { ...change, ipAllow: ['127.0.0.1/32', '::1/128'], expiresAt: '2027-02-20T09:31:00.000Z' }
    expect([status, data]).toEqual([200, {
      key: { ...key, ...after, effectiveScopes: ['emails:send', 'lists:read'], updatedAt: later }, revision: revision + 2,
    }])
    expect((await management.query('keys.get', { keyId: key.id })).data.key).toEqual(data.key)
    expect(await auditOf(key.id, 'keys.update')).toMatchObject([{
      actor: keyIdOf(management.rootKey), revision: revision + 2, after,
      before: { name: 'CI', scopes: ['contacts:read'], roleId: null, ipAllow: ['10.0.0.0/8'], rateLimits: [], expiresAt: null },
    }])
    expect(await changesAt(data.revision)).toEqual([{ kind: 'key', id: key.id }])
    expect((await management.verify(secret, 'emails:send')).code).toBe('ok')
    expect((await management.verify(secret, 'contacts:read')).code).toBe('insufficient_scope')
    expect((await management.verify(secret, 'emails:send', '10.0.0.1')).code).toBe('ip_not_allowed')
  })

  test('null takes the role, the purpose and the end away', async () => {
    const { key } = await createKey({ purpose: 'Nightly', roleId: await createRole(), expiresIn: '1d' })
    const { data } = await update(key.id, { purpose: null, roleId: null, expiresIn: null })
    expect(data.key).toMatchObject({ roleId: null, expiresAt: null, effectiveScopes: ['contacts:read'] })
    expect(data.key).not.toHaveProperty('purpose')
  })

  test('that changes nothing leaves key, revision and audit log as they are', async () => {
    const { key, revision } = await createKey({ rateLimits: [{ name: 'a', limit: '5/1s', burst: 2 }], ipAllow: ['10.0.0.0/8'] })
    const same = { name: key.name, scopes: key.scopes, roleId: null, ipAllow: ['10.9.9.9/8'], rateLimits: key.rateLimits, expiresIn: null, purpose: null }
    for (const change of [{}, same]) expect((await update(key.id, change)).data).toEqual({ key, revision })
    expect(await auditOf(key.id, 'keys.update')).toEqual([])
  })

  test('gives an expired key a new end, counted from now', async () => {
    const { key, secret } = await createKey({ expiresIn: '30s' })
    expect((await management.verify(secret)).code).toBe('expired_key')
    expect((await update(key.id, { expiresIn: '1h' })).data.key.expiresAt).toBe('2026-11-22T10:31:00.000Z')
    expect((await management.verify(secret)).code).toBe('ok')
  })

  test('refuses a revoked key', async () => {
    const { key } = await createKey()
    const revoked = (await call('revoke', key.id)).data
    const { status, error } = await update(key.id, { name: 'Back', expiresIn: '1h' })
    expect([status, error.data.code, error.message]).toEqual([409, 'invalid_state', expect.stringContaining('revoked for ever')])
    expect((await update(key.id, {})).status).toBe(409)
    expect((await management.query('keys.get', { keyId: key.id })).data.key).toEqual(revoked.key)
  })

  test('answers 404 for an unknown key, a root key, an unknown role and a role of another workspace', async () => {
    const { key } = await createKey()
    for (const keyId of [newId('key'), keyIdOf(management.rootKey)]) {
      for (const verb of ['update', 'disable', 'enable']) expect((await call(verb, keyId)).error.data.code).toBe('not_found')
    }
    const { data } = await management.mutate('workspaces.create', { name: 'Other' })
    for (const roleId of [newId('role'), await createRole({ workspaceId: data.workspace.id })]) {
      expect((await update(key.id, { name: 'Never', roleId })).error).toMatchObject({ message: 'There is no such role.', data: { httpStatus: 404 } })
    }
    expect((await management.query('keys.get', { keyId: key.id })).data.key).toEqual(key)
  })

  test.each<[string, object, string]>([
    ['a mistyped scope', { scopes: ['contacts:reed'] }, 'scopes.0'],
    ['a scope of root keys', { scopes: ['keys:write'] }, 'scopes.0'],
    ['an id of another kind as role', { roleId: newId('workspace') }, 'roleId'],
    ['a range with too many bits', { ipAllow: ['10.0.0.0/33'] }, 'ipAllow.0'],
    ['two limits of one name', { rateLimits: [{ name: 'a', limit: '1/1s' }, { name: 'a', limit: '2/1s' }] }, 'rateLimits.1.name'],
    ['a life of no time', { expiresIn: '0s' }, 'expiresIn'],
    ['an empty name', { name: '' }, 'name'],
    ['null as name', { name: null }, 'name'],
    ['a status', { status: 'active' }, 'status'],
    ['a mode', { mode: 'live' }, 'mode'],
    ['another workspace', { workspaceId: newId('workspace') }, 'workspaceId'],
  ])('refuses %s', async (_, change, path) => {
    const { status, error } = await update(newId('key'), change)
    expect([status, error.data.issues[0].path]).toEqual([400, path])
  })
})

describe('keys.disable and keys.enable', () => {
  test('are in force with their answers, are audited, and change nothing when repeated', async () => {
    const { key, secret, revision } = await createKey()
    const disabled = await call('disable', key.id, { reason: 'on holiday' })
    expect(disabled.data).toEqual({ key: { ...key, status: 'disabled', updatedAt: later }, revision: revision + 1 })
    expect((await management.verify(secret)).code).toBe('disabled_key')
    expect((await call('disable', key.id)).data).toEqual(disabled.data)
    const enabled = await call('enable', key.id)
    expect(enabled.data).toEqual({ key: { ...key, updatedAt: later }, revision: revision + 2 })
    expect((await management.verify(secret)).code).toBe('ok')
    expect((await call('enable', key.id)).data).toEqual(enabled.data)
    expect(await auditOf(key.id, 'keys.disable')).toMatchObject([{ before: { status: 'active' }, after: { status: 'disabled', reason: 'on holiday' } }])
    expect(await auditOf(key.id, 'keys.enable')).toMatchObject([{ before: { status: 'disabled' }, after: { status: 'active' } }])
    for (const at of [revision + 1, revision + 2]) expect(await changesAt(at)).toEqual([{ kind: 'key', id: key.id }])
  })

  test('refuse a revoked key', async () => {
    const { key } = await createKey({ expiresIn: '60s' }) // it has expired too, which is the lesser thing to know
    await call('revoke', key.id)
    for (const verb of ['disable', 'enable']) {
      const { status, error } = await call(verb, key.id)
      expect([status, error.data.code, error.message]).toEqual([409, 'invalid_state', expect.stringContaining('revoked for ever')])
    }
  })

  test('enable refuses an expired key and says what to do; disable does not mind', async () => {
    const { key } = await createKey({ expiresIn: '60s' })
    expect((await call('disable', key.id)).status).toBe(200)
    const { status, error } = await call('enable', key.id)
    expect([status, error.data.code]).toEqual([409, 'invalid_state'])
    expect(error.message).toBe(`The key expired at ${later}. Give it a new end with keys.update first (expiresIn).`)
    expect((await update(key.id, { expiresIn: '1h' })).data.key.status).toBe('disabled')
    expect((await call('enable', key.id)).data.key.status).toBe('active')
  })
})

test('the chains are intact at the end', async () => {
  for (const chain of [workspaceId, auditEvents.installationChain] as const) {
    expect(await auditEvents.verifyChain(management.db, chain)).toMatchObject({ intact: true })
  }
})
