import { newId, productScopeNames, rootScopeNames, type WorkspaceId } from '@letterlock/contract'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestManagement, keyIdOf, type ManagementAnswer, type TestManagement } from './test-management.ts'

let management: TestManagement
let workspaceId: WorkspaceId
let limited: string
const grants = ['contacts:read', 'lists:read']
beforeAll(async () => {
  management = await createTestManagement()
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
  limited = await management.addRootKey(rootScopeNames, { grants })
})
afterAll(() => management.database.drop())

const create = (input: object, key = limited) => management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', ...input }, { key })
const update = (keyId: string, change: object) => management.mutate('keys.update', { keyId, ...change }, { key: limited })
const createRole = async (scopes: string[]) => (await management.mutate('roles.create', { name: newId('role'), scopes })).data.role.id as string

function expectBeyond({ status, error }: ManagementAnswer, scope = 'emails:send') {
  expect([status, error?.data]).toMatchObject([403, { code: 'insufficient_scope', requiredScope: scope, keyScopes: grants }])
  expect(error.message).toContain(scope)
}

describe('a root key with grants', () => {
  test('creates keys within them, and none beyond, by own scopes or by a role', async () => {
    const [narrow, wide] = [await createRole(['lists:read']), await createRole(['lists:read', 'emails:send'])]
    expect((await create({ scopes: ['contacts:read'], roleId: narrow })).status).toBe(200)
    expectBeyond(await create({ scopes: ['contacts:read', 'emails:send'] }))
    expectBeyond(await create({ scopes: ['contacts:read'], roleId: wide }))
    expect((await management.query('keys.list', { workspaceId, scope: 'emails:send' })).data.data).toEqual([])
  })

  test('gives a key no scope, role, end or address when the result is beyond them, and may still describe, stop and rename it', async () => {
    const wide = await createRole(['emails:send'])
    const { key } = (await create({ scopes: ['contacts:read'] })).data
    expectBeyond(await update(key.id, { scopes: ['emails:send'] }))
    expectBeyond(await update(key.id, { roleId: wide }))
    expect((await update(key.id, { scopes: ['lists:read'], expiresIn: '30d' })).status).toBe(200)
    const strong = (await create({ roleId: wide }, management.rootKey)).data.key
    for (const change of [{ scopes: ['contacts:read'] }, { expiresIn: '30d' }, { ipAllow: ['10.0.0.0/8'] }]) expectBeyond(await update(strong.id, change))
    expect((await update(strong.id, { name: 'Renamed', owner: 'Ada', roleId: wide })).status).toBe(200)
    expect((await update(strong.id, { roleId: null, scopes: ['contacts:read'] })).status).toBe(200)
  })

  test('disables a key beyond them, and does not enable it', async () => {
    const { key } = (await create({ scopes: ['emails:send'] }, management.rootKey)).data
    expect((await management.mutate('keys.disable', { keyId: key.id }, { key: limited })).status).toBe(200)
    expectBeyond(await management.mutate('keys.enable', { keyId: key.id }, { key: limited }))
    expect((await management.mutate('keys.enable', { keyId: key.id })).status).toBe(200)
    expect((await management.mutate('keys.revoke', { keyId: key.id }, { key: limited })).status).toBe(200)
  })

  test('imports keys within them; an item beyond fails alone', async () => {
    const wide = await createRole(['emails:send'])
    const item = (change: object) => ({ sha256: randomBytes(32).toString('hex'), name: 'Old', ...change })
    const keys = [item({ scopes: ['lists:read'] }), item({ scopes: ['emails:send'] }), item({ roleId: wide })]
    const { data } = await management.mutate('keys.import', { workspaceId, mode: 'live', format: { prefix: 'old_' }, keys }, { key: limited })
    expect(data.data).toMatchObject([{ status: 'imported' }, ...[1, 2].map(() => (
      { status: 'failed', error: { code: 'insufficient_scope', requiredScope: 'emails:send' } }))])
  })

  test('makes and changes roles within them, and none beyond', async () => {
    const made = await management.mutate('roles.create', { name: newId('role'), scopes: grants }, { key: limited })
    expect(made.status).toBe(200)
    expectBeyond(await management.mutate('roles.create', { name: newId('role'), scopes: ['emails:send'] }, { key: limited }))
    expectBeyond(await management.mutate('roles.update', { roleId: made.data.role.id, scopes: [...grants, 'emails:send'] }, { key: limited }))
    const wide = await createRole(['emails:send'])
    expect((await management.mutate('roles.update', { roleId: wide, name: newId('role') }, { key: limited })).status).toBe(200)
  })

  test('rotates no key beyond its grants, since whoever rotates a key has it then', async () => {
    const workspaceId = (await management.mutate('workspaces.create', { name: 'Rotated' })).data.workspace.id
    const make = async (scopes: string[]) => (await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', scopes })).data.key.id as string
    expect((await management.mutate('keys.rotate', { keyId: await make(grants) }, { key: limited })).status).toBe(200)
    expectBeyond(await management.mutate('keys.rotate', { keyId: await make([...grants, 'emails:send']) }, { key: limited }))
    const other = keyIdOf(await management.addRootKey([], { grants: ['emails:send'] }))
    expectBeyond(await management.mutate('rootKeys.rotate', { keyId: other }, { key: limited }))
    expect((await management.mutate('rootKeys.rotate', { keyId: keyIdOf(limited) }, { key: limited })).status).toBe(200)
  })

  test('makes root keys with grants within its own, which are theirs when none are named', async () => {
    const make = (input: object, key = limited) => management.mutate('rootKeys.create', { name: 'Heir', scopes: ['keys:write'], ...input }, { key })
    expect((await make({})).data.rootKey.grants).toEqual(grants)
    expect((await make({ grants: ['lists:read'] })).data.rootKey.grants).toEqual(['lists:read'])
    expectBeyond(await make({ grants: ['lists:read', 'emails:send'] }))
    expectBeyond(await make({ grants: null }), productScopeNames.find((scope) => !grants.includes(scope)))
    expect((await make({}, management.rootKey)).data.rootKey.grants).toBeNull()
    const none = await make({ grants: [] }, management.rootKey)
    expect((await create({}, none.data.secret)).status).toBe(200)
    expect((await create({ scopes: ['lists:read'] }, none.data.secret)).error.data).toMatchObject({ code: 'insufficient_scope', keyScopes: [] })
    expect((await make({ grants: ['keys:write'] }, management.rootKey)).error.data.issues[0].path).toBe('grants.0')
  })

  test('is listed with them; one without may grant anything', async () => {
    const listed = (await management.query('rootKeys.list', { limit: 100 })).data.data as { id: string; grants: string[] | null }[]
    const grantsOf = (token: string) => listed.find(({ id }) => id === keyIdOf(token))?.grants
    expect([grantsOf(limited), grantsOf(management.rootKey)]).toEqual([grants, null])
    expect((await create({ scopes: productScopeNames }, management.rootKey)).status).toBe(200)
  })
})
