import { createHash } from 'node:crypto'
import { newId } from '@letterlock/contract'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestManagement, type TestManagement } from './test-management.ts'

let management: TestManagement
let workspaceId: string
const start = new Date('2026-11-22T09:30:00.000Z')
beforeAll(async () => {
  management = await createTestManagement()
})
beforeEach(async () => {
  management.state.now = start
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
})
afterEach(() => setPolicy({}, null))
afterAll(() => management.database.drop())

const setPolicy = (policy: object, owner: string | null = workspaceId) => management.mutate('policies.set', { workspaceId: owner, policy })
const create = (input: object = {}) => management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', ...input })
const violations = async (input: object = {}) => (await management.query('policies.violations', { workspaceId, ...input })).data
const pathsOf = ({ error }: { error: any }) => error.data.issues.map(({ path }: { path: string }) => path) // oxlint-disable-line no-explicit-any
const pair = ['contacts:read', 'campaigns:send']

const warnBefore = ['30d', '7d', '1d'] // unless a policy says otherwise

describe('policies.set and policies.get', () => {
  test('the stricter of each rule holds, and both are shown', async () => {
    const shared = { maxLifetime: '90d', rotateEvery: '60d', ipListRequired: true, forbiddenScopes: [pair] }
    const own = { maxLifetime: '720h', rotateEvery: '61d', expiryRequired: true, ipListRequired: false, forbiddenScopes: [['campaigns:send', 'contacts:read']] }
    await setPolicy(shared, null)
    const { data } = await setPolicy(own)
    expect(data.policy).toEqual(own)
    expect((await management.query('policies.get', { workspaceId })).data).toEqual({
      installation: shared, workspace: own,
      effective: {
        maxLifetime: '720h', rotateEvery: '60d', expiryRequired: true, ipListRequired: true, forbiddenScopes: [['campaigns:send', 'contacts:read']], warnBefore,
      },
    })
    expect((await management.query('policies.get')).data).toEqual({ installation: shared, workspace: null, effective: { ...shared, warnBefore } })
  })

  test('each change is a row of the audit log of its owner; the same rules again change nothing', async () => {
    const first = await setPolicy({ expiryRequired: true })
    expect((await setPolicy({ expiryRequired: true })).data.revision).toBe(first.data.revision)
    const rows = await management.db.selectFrom('audit_events').selectAll().where('action', '=', 'policies.set').where('target', '=', workspaceId).execute()
    expect(rows).toMatchObject([{ workspace_id: workspaceId, before: { policy: {} }, after: { policy: { expiryRequired: true } } }])
  })

  test.each<[string, object, string]>([
    ['a lifetime that is none', { maxLifetime: '90 days' }, 'policy.maxLifetime'],
    ['a combination of one', { forbiddenScopes: [['lists:read', 'lists:read']] }, 'policy.forbiddenScopes.0'],
    ['a mistyped scope', { forbiddenScopes: [['lists:reed', 'lists:write']] }, 'policy.forbiddenScopes.0.0'],
    ['a warning that is none', { warnBefore: ['1d', 'soon'] }, 'policy.warnBefore.1'],
    ['a silence that is too short', { whenUnused: { for: '59m', do: 'disable' } }, 'policy.whenUnused.for'],
    ['an end that does not exist', { whenUnused: { for: '30d', do: 'delete' } }, 'policy.whenUnused.do'],
    ['a rule that does not exist', { maxAge: '1d' }, 'policy.maxAge'],
  ])('refuses %s', async (_, policy, path) => {
    const answer = await setPolicy(policy)
    expect([answer.status, pathsOf(answer)]).toEqual([400, [path]])
  })

  test('answers 404 for an unknown workspace', async () => {
    const unknown = newId('workspace')
    expect((await setPolicy({}, unknown)).status).toBe(404)
    expect((await management.query('policies.get', { workspaceId: unknown })).status).toBe(404)
    expect((await management.query('policies.violations', { workspaceId: unknown })).status).toBe(404)
  })
})

describe('keys.create', () => {
  test.each([
    { rule: 'maxLifetime, and an end that lies further ahead', policy: { maxLifetime: '90d' }, bad: { expiresIn: '91d' }, path: 'expiresIn', good: { expiresIn: '90d' } },
    { rule: 'maxLifetime, and no end', policy: { maxLifetime: '90d' }, bad: {}, path: 'expiresIn', good: { expiresIn: '1s' } },
    { rule: 'expiryRequired', policy: { expiryRequired: true }, bad: {}, path: 'expiresIn', good: { expiresIn: '3660d' } },
    { rule: 'ipListRequired', policy: { ipListRequired: true }, bad: {}, path: 'ipAllow', good: { ipAllow: ['203.0.113.0/24'] } },
    { rule: 'forbiddenScopes', policy: { forbiddenScopes: [pair] }, bad: { scopes: pair }, path: 'scopes', good: { scopes: ['contacts:read'] } },
  ])('is held to $rule, of the workspace and of the installation', async ({ policy, bad, path, good }) => {
    for (const owner of [workspaceId, null]) {
      await setPolicy(policy, owner)
      const refused = await create(bad)
      expect([refused.status, refused.error.data.code, pathsOf(refused)]).toEqual([400, 'invalid_request', [path]])
      expect((await create(good)).status).toBe(200)
      await setPolicy({}, owner)
      expect((await create(bad)).status).toBe(200)
    }
    expect((await management.query('keys.list', { workspaceId })).data.data).toHaveLength(4)
  })

  test('counts the scopes of the role, and leaves other workspaces alone', async () => {
    await setPolicy({ forbiddenScopes: [pair] })
    const { role } = (await management.mutate('roles.create', { name: newId('role'), scopes: ['contacts:read'] })).data
    expect(pathsOf(await create({ roleId: role.id, scopes: ['campaigns:send'] }))).toEqual(['scopes'])
    const other = (await management.mutate('workspaces.create', { name: 'Other' })).data.workspace.id
    expect((await create({ workspaceId: other, roleId: role.id, scopes: ['campaigns:send'] })).status).toBe(200)
  })
})

test('keys.import refuses the items that break a policy, and they alone', async () => {
  await setPolicy({ maxLifetime: '90d' })
  const item = (name: string, more: object) => ({ sha256: createHash('sha256').update(name + workspaceId).digest('hex'), name, ...more })
  const keys = [item('a', { expiresIn: '30d' }), item('b', {})]
  const { data } = (await management.mutate('keys.import', { workspaceId, mode: 'live', format: { prefix: 'old_' }, keys })).data
  expect(data).toMatchObject([{ status: 'imported' }, { status: 'failed', error: { code: 'invalid_request', issues: [{ path: 'expiresIn' }] } }])
})

describe('keys.update', () => {
  test('of a key that breaks a later policy is free in all that makes it no worse', async () => {
    const keyId = (await create({ expiresIn: '200d', scopes: pair })).data.key.id
    await setPolicy({ maxLifetime: '90d', ipListRequired: true, forbiddenScopes: [pair, ['lists:read', 'lists:write']] })
    const update = async (input: object) => (await management.mutate('keys.update', { keyId, ...input })).status
    expect(await update({ name: 'Renamed', scopes: [...pair, 'lists:read'] })).toBe(200)
    expect(await update({ expiresIn: '150d' })).toBe(200)
    expect(await update({ expiresIn: '151d' })).toBe(400)
    expect(await update({ expiresIn: null })).toBe(400)
    expect(await update({ scopes: [...pair, 'lists:read', 'lists:write'] })).toBe(400)
    expect(await update({ ipAllow: ['203.0.113.7'], expiresIn: '90d', scopes: ['contacts:read'] })).toBe(200)
    expect(await update({ ipAllow: [] })).toBe(400)
    expect((await management.query('keys.get', { keyId })).data.key).toMatchObject({ name: 'Renamed', ipAllow: ['203.0.113.7/32'] })
  })

  test('is held to a policy by the role that it gives', async () => {
    await setPolicy({ forbiddenScopes: [pair] })
    const keyId = (await create({ scopes: ['campaigns:send'] })).data.key.id
    const { role } = (await management.mutate('roles.create', { name: newId('role'), scopes: ['contacts:read'] })).data
    expect(pathsOf(await management.mutate('keys.update', { keyId, roleId: role.id }))).toEqual(['scopes'])
  })
})

test('roles.update gives no key a forbidden combination, and may change what does not', async () => {
  await setPolicy({ forbiddenScopes: [pair] })
  const roleId = (await management.mutate('roles.create', { name: newId('role'), scopes: ['lists:read'] })).data.role.id
  const keyId = (await create({ roleId, scopes: ['campaigns:send'] })).data.key.id
  const update = (scopes: string[]) => management.mutate('roles.update', { roleId, scopes })
  expect(pathsOf(await update(['contacts:read']))).toEqual(['scopes'])
  expect((await update(['contacts:write'])).status).toBe(200)
  await management.mutate('keys.revoke', { keyId })
  expect((await update(['contacts:read'])).status).toBe(200)
})

test('of a role that gets one half of a forbidden pair and a key that gets the other at once, one is refused', async () => {
  await setPolicy({ forbiddenScopes: [pair] })
  const roleId = (await management.mutate('roles.create', { name: newId('role'), scopes: ['lists:read'] })).data.role.id
  const answers = await Promise.all([management.mutate('roles.update', { roleId, scopes: ['contacts:read'] }), create({ roleId, scopes: ['campaigns:send'] })])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400])
})

test('policies.violations lists the keys that exist with the rules they break, page by page; they go on working', async () => {
  const old = (await create({ scopes: ['lists:read'] })).data
  management.state.now = new Date(start.getTime() + 1) // ids of one millisecond have no order
  const ended = (await create({ expiresIn: '10d' })).data.key
  management.state.now = new Date(start.getTime() + 2)
  const gone = (await create()).data.key
  await management.mutate('keys.revoke', { keyId: gone.id })
  await setPolicy({ maxLifetime: '30d', expiryRequired: true })
  await setPolicy({ ipListRequired: true }, null)
  const first = await violations({ limit: 2 })
  expect(first).toMatchObject({ hasMore: true, data: [{ keyId: ended.id, rules: [{ rule: 'ipListRequired' }] }] })
  const second = await violations({ limit: 2, cursor: first.nextCursor })
  const rules = [{ rule: 'maxLifetime' }, { rule: 'expiryRequired' }, { rule: 'ipListRequired' }]
  expect(second).toMatchObject({ hasMore: false, data: [{ keyId: old.key.id, rules }] })
  expect((await management.verify(old.secret, 'lists:read')).code).toBe('ok')
})
