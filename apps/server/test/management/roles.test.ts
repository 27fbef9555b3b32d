import { newId, type WorkspaceId } from '@letterlock/contract'
import { auditEvents, revisions } from '@letterlock/db'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestManagement, type TestManagement } from './test-management.ts'

let management: TestManagement
let workspaceId: WorkspaceId
let otherId: WorkspaceId
const start = new Date('2026-11-22T09:30:00.000Z')
const later = '2026-11-22T09:31:00.000Z'
beforeAll(async () => {
  management = await createTestManagement()
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
  otherId = (await management.mutate('workspaces.create', { name: 'Other' })).data.workspace.id
})
beforeEach(() => void (management.state.now = start))
afterAll(() => management.database.drop())

async function createRole(input: object = {}) {
  const { data } = await management.mutate('roles.create', { name: newId('role'), scopes: ['lists:read'], ...input })
  return data.role as { id: string; name: string; [member: string]: unknown }
}

async function createKey(roleId: string, owner = workspaceId) {
  const { data } = await management.mutate('keys.create', { workspaceId: owner, mode: 'live', name: 'CI', scopes: ['contacts:read'], roleId })
  return data.key as { id: string; [member: string]: unknown }
}

const keyOf = async (keyId: string) => (await management.query('keys.get', { keyId })).data.key
const auditOf = (action: string, target: string) =>
  management.db.selectFrom('audit_events').selectAll().where('action', '=', action).where('target', '=', target).execute()
const changesAt = (revision: number) =>
  management.db.selectFrom('change_log').select(['kind', 'id']).where('revision', '=', revision).orderBy('kind').orderBy('id').execute()

describe('roles.create', () => {
  test('makes roles of a workspace and of the installation, audited in the chain of the owner', async () => {
    for (const owner of [workspaceId, null]) {
      const before = await revisions.currentRevision(management.db)
      const { status, data } = await management.mutate('roles.create', { ...(owner && { workspaceId: owner }), name: 'Reader', scopes: ['lists:read', 'lists:read'] })
      const times = { createdAt: start.toISOString(), updatedAt: start.toISOString() }
      expect([status, data]).toEqual([200, {
        role: { id: expect.stringMatching(/^role_/), workspaceId: owner, name: 'Reader', scopes: ['lists:read'], ...times }, revision: before + 1,
      }])
      expect(await auditOf('roles.create', data.role.id)).toMatchObject([{ workspace_id: owner ?? '', before: null, after: data.role }])
      expect(await changesAt(data.revision)).toEqual([{ kind: 'role', id: data.role.id }])
    }
  })

  test('refuses a name that is taken and names who has it; another owner may have it too', async () => {
    const first = await createRole({ workspaceId })
    const { status, error } = await management.mutate('roles.create', { workspaceId, name: first.name, scopes: [] })
    expect([status, error.data]).toMatchObject([409, { code: 'already_exists', existing: first.id }])
    for (const owner of [{ workspaceId: otherId }, {}]) {
      expect((await management.mutate('roles.create', { ...owner, name: first.name, scopes: [] })).status).toBe(200)
    }
  })

  test('answers 404 for an unknown workspace', async () => {
    expect((await management.mutate('roles.create', { workspaceId: newId('workspace'), name: 'x', scopes: [] })).status).toBe(404)
  })

  test.each<[string, object, string]>([
    ['a mistyped scope', { scopes: ['lists:reed'] }, 'scopes.0'],
    ['a scope of root keys', { scopes: ['roles:write'] }, 'scopes.0'],
    ['no scopes', { scopes: undefined }, 'scopes'],
    ['a name of two lines', { name: 'a\nb' }, 'name'],
    ['an unknown field', { permissions: [] }, 'permissions'],
  ])('refuses %s', async (_, input, path) => {
    const { status, error } = await management.mutate('roles.create', { name: 'x', scopes: [], ...input })
    expect([status, error.data.issues[0].path]).toEqual([400, path])
  })
})

describe('roles.list', () => {
  test('shows all, or those that keys of a workspace may have, newest first', async () => {
    const made = []
    for (const input of [{ workspaceId }, {}, { workspaceId: otherId }, { workspaceId }]) {
      management.state.now = new Date(management.state.now.getTime() + 1)
      made.unshift(await createRole(input))
    }
    expect((await management.query('roles.list', { limit: 4 })).data.data).toEqual(made)
    const mine = made.filter((role) => role.workspaceId !== otherId)
    const first = (await management.query('roles.list', { workspaceId, limit: 2 })).data
    expect(first).toMatchObject({ data: mine.slice(0, 2), hasMore: true })
    expect((await management.query('roles.list', { workspaceId, limit: 1, cursor: first.nextCursor })).data.data).toEqual(mine.slice(2, 3))
    expect((await management.query('roles.list')).data.data.length).toBeGreaterThanOrEqual(4)
  })

  test('answers 404 for an unknown workspace', async () => {
    expect((await management.query('roles.list', { workspaceId: newId('workspace') })).status).toBe(404)
  })
})

describe('roles.update', () => {
  test('changes every key that has the role, and logs the role as what changed', async () => {
    const role = await createRole({ workspaceId })
    const key = await createKey(role.id)
    management.state.now = new Date(later)
    const { data } = await management.mutate('roles.update', { roleId: role.id, scopes: ['emails:send'] })
    expect(data.role).toEqual({ ...role, scopes: ['emails:send'], updatedAt: later })
    expect(await keyOf(key.id)).toEqual({ ...key, effectiveScopes: ['contacts:read', 'emails:send'] })
    expect(await auditOf('roles.update', role.id)).toMatchObject([{ before: { scopes: ['lists:read'] }, after: { scopes: ['emails:send'] } }])
    expect(await changesAt(data.revision)).toEqual([{ kind: 'role', id: role.id }])
    expect((await management.mutate('roles.update', { roleId: role.id, name: role.name, scopes: ['emails:send'] })).data).toEqual(data)
  })

  test('is in force with its answer for keys that have the role, and so is its deletion', async () => {
    const role = await createRole()
    const { secret } = (await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', scopes: ['contacts:read'], roleId: role.id })).data
    const codes = async () => Promise.all(['contacts:read', 'lists:read', 'emails:send'].map(async (scope) => (await management.verify(secret, scope)).code))
    expect(await codes()).toEqual(['ok', 'ok', 'insufficient_scope'])
    await management.mutate('roles.update', { roleId: role.id, scopes: ['emails:send'] })
    expect(await codes()).toEqual(['ok', 'insufficient_scope', 'ok'])
    await management.mutate('roles.delete', { roleId: role.id, force: true })
    expect(await codes()).toEqual(['ok', 'insufficient_scope', 'insufficient_scope'])
  })

  test('refuses a name that is taken, and changes nothing', async () => {
    const [first, second] = [await createRole({ workspaceId }), await createRole({ workspaceId })]
    const { status, error } = await management.mutate('roles.update', { roleId: first.id, name: second.name, scopes: [] })
    expect([status, error.data.code]).toEqual([409, 'already_exists'])
    expect((await management.query('roles.list', { limit: 100 })).data.data).toContainEqual(first)
  })

  test('answers 404 for an unknown role', async () => {
    expect((await management.mutate('roles.update', { roleId: newId('role'), name: 'x' })).error.message).toBe('There is no such role.')
    expect((await management.mutate('roles.delete', { roleId: newId('role'), force: true })).error.message).toBe('There is no such role.')
  })
})

describe('roles.delete', () => {
  test('deletes a role that no key has', async () => {
    const role = await createRole()
    const { data } = await management.mutate('roles.delete', { roleId: role.id })
    expect(data).toEqual({ role, keyCount: 0, revision: expect.any(Number) })
    expect(await changesAt(data.revision)).toEqual([{ kind: 'role', id: role.id }])
    expect((await management.mutate('roles.delete', { roleId: role.id })).status).toBe(404)
  })

  test('refuses a role in use with the count, unless forced: then each key loses it, audited and logged by itself', async () => {
    const role = await createRole()
    const had = [await createKey(role.id), await createKey(role.id, otherId)]
    await management.mutate('keys.revoke', { keyId: had[1]?.id })
    const { status, error } = await management.mutate('roles.delete', { roleId: role.id })
    expect([status, error.data]).toMatchObject([409, { code: 'invalid_state', keyCount: 2 }])
    expect(error.message).toContain('force: true')
    const { data } = await management.mutate('roles.delete', { roleId: role.id, force: true })
    expect(data).toMatchObject({ role, keyCount: 2 })
    const ids = had.map(({ id }) => id).sort()
    expect(await changesAt(data.revision)).toEqual([...ids.map((id) => ({ kind: 'key', id })), { kind: 'role', id: role.id }])
    for (const { id, workspaceId: owner } of had) {
      expect(await keyOf(id)).toMatchObject({ roleId: null, effectiveScopes: ['contacts:read'] })
      expect(await auditOf('roles.delete', id)).toMatchObject([{ workspace_id: owner, before: { roleId: role.id }, after: { roleId: null } }])
    }
    expect(await auditOf('roles.delete', role.id)).toMatchObject([{ before: role, after: null, workspace_id: '' }])
  })

  test('refuses more keys than one transaction should change', async () => {
    const role = await createRole()
    const { id } = await createKey(role.id)
    const row = await management.db.selectFrom('keys').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
    const copies = Array.from({ length: 500 }, () => ({ ...row, id: newId('key'), rate_limits: '[]' }))
    await management.db.insertInto('keys').values(copies).execute()
    const { status, error } = await management.mutate('roles.delete', { roleId: role.id, force: true })
    expect([status, error.data]).toMatchObject([409, { code: 'invalid_state', keyCount: 501 }])
    await management.db.deleteFrom('keys').where('id', '=', copies[0]?.id ?? '').execute()
    expect((await management.mutate('roles.delete', { roleId: role.id, force: true })).data.keyCount).toBe(500)
  })
})

test('the chains are intact at the end', async () => {
  for (const chain of [workspaceId, otherId, auditEvents.installationChain] as const) {
    expect(await auditEvents.verifyChain(management.db, chain)).toMatchObject({ intact: true })
  }
})
