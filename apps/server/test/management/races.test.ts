import { newId, type WorkspaceId } from '@letterlock/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestManagement, type ManagementAnswer, type TestManagement } from './test-management.ts'

let management: TestManagement
let workspaceId: WorkspaceId
beforeAll(async () => {
  management = await createTestManagement()
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
})
afterAll(() => management.database.drop())

const rounds = 12

async function createKey(input: object = {}) {
  return (await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', ...input })).data.key as { id: string }
}

async function createRole() {
  return (await management.mutate('roles.create', { workspaceId, name: newId('role'), scopes: ['lists:read'] })).data.role as { id: string }
}

const keyOf = async (keyId: string) => (await management.query('keys.get', { keyId })).data.key
const statusOf = ({ status }: ManagementAnswer) => status

/** The actions on a thing in the order of their revisions. */
async function historyOf(target: string): Promise<string[]> {
  const rows = await management.db.selectFrom('audit_events').select(['action', 'revision']).where('target', '=', target).orderBy('revision').execute()
  expect(new Set(rows.map(({ revision }) => revision)).size).toBe(rows.length)
  return rows.map(({ action }) => action)
}

test.each([
  ['keys.enable', {}],
  ['keys.update', { name: 'Late', scopes: ['emails:send'], expiresIn: '90d' }],
  ['keys.disable', {}],
])('%s against keys.revoke: the key is revoked, and nothing comes after that', async (procedure, change) => {
  for (let round = 0; round < rounds; round++) {
    const { id: keyId } = await createKey()
    if (procedure === 'keys.enable') await management.mutate('keys.disable', { keyId })
    const [changed, revoked] = await Promise.all([management.mutate(procedure, { keyId, ...change }), management.mutate('keys.revoke', { keyId })])
    expect(statusOf(revoked)).toBe(200)
    expect([200, 409]).toContain(statusOf(changed))
    expect((await keyOf(keyId)).status).toBe('revoked')
    const history = (await historyOf(keyId)).filter((action) => [procedure, 'keys.revoke'].includes(action))
    expect(history).toEqual(statusOf(changed) === 200 ? [procedure, 'keys.revoke'] : ['keys.revoke'])
  }
})

test('keys.rotate, many at once: each makes a version of its own, and the newest is the one that stays', async () => {
  for (let round = 0; round < rounds; round++) {
    const { id: keyId } = await createKey()
    const answers = await Promise.all(Array.from({ length: 4 }, () => management.mutate('keys.rotate', { keyId, overlap: '1h' })))
    expect(answers.map(statusOf)).toEqual([200, 200, 200, 200])
    expect(answers.map(({ data }) => data.version).sort()).toEqual([2, 3, 4, 5])
    const { secretVersions } = (await management.query('keys.get', { keyId })).data
    expect(secretVersions.map((each: { version: number; retiresAt: string | null }) => [each.version, each.retiresAt === null])).toEqual([[5, true], [4, false], [3, false], [2, false], [1, false]])
  }
})

test('keys.rotate against keys.revoke: the key is revoked, and no secret comes after that', async () => {
  for (let round = 0; round < rounds; round++) {
    const { id: keyId } = await createKey()
    const [rotated, revoked] = await Promise.all([management.mutate('keys.rotate', { keyId }), management.mutate('keys.revoke', { keyId })])
    expect([statusOf(revoked), [200, 409].includes(statusOf(rotated))]).toEqual([200, true])
    const history = (await historyOf(keyId)).filter((action) => action !== 'keys.create')
    expect(history).toEqual(statusOf(rotated) === 200 ? ['keys.rotate', 'keys.revoke'] : ['keys.revoke'])
    if (statusOf(rotated) === 200) expect((await management.verify(rotated.data.secret)).code).toBe('revoked_key')
  }
})

test('keys.rotate against keys.retireSecret of the newest version: it is refused, or retires what was just replaced', async () => {
  for (let round = 0; round < rounds; round++) {
    const { id: keyId } = await createKey()
    const [rotated, retired] = await Promise.all([
      management.mutate('keys.rotate', { keyId }), management.mutate('keys.retireSecret', { keyId, version: 1 }),
    ])
    expect([statusOf(rotated), [200, 409].includes(statusOf(retired))]).toEqual([200, true])
    expect((await management.verify(rotated.data.secret)).code).toBe('ok')
    const { secretVersions } = (await management.query('keys.get', { keyId })).data
    expect(secretVersions.map((each: { isLive: boolean }) => each.isLive)).toEqual([true, statusOf(retired) === 409])
  }
})

test('keys.retireSecret, many at once: one retires it', async () => {
  const { id: keyId } = await createKey()
  await management.mutate('keys.rotate', { keyId })
  const answers = await Promise.all(Array.from({ length: 8 }, () => management.mutate('keys.retireSecret', { keyId, version: 1 })))
  expect(new Set(answers.map(statusOf))).toEqual(new Set([200]))
  expect((await historyOf(keyId)).filter((action) => action === 'keys.retireSecret')).toHaveLength(1)
})

test('keys.disable against keys.enable, many at once: every change was one, and the last one is what is', async () => {
  const { id: keyId } = await createKey()
  const calls = Array.from({ length: 20 }, (_, i) => management.mutate(i % 2 ? 'keys.enable' : 'keys.disable', { keyId }))
  expect(new Set((await Promise.all(calls)).map(statusOf))).toEqual(new Set([200]))
  const [, ...history] = await historyOf(keyId)
  expect(history).toEqual(history.map((_, i) => (i % 2 ? 'keys.enable' : 'keys.disable')))
  expect((await keyOf(keyId)).status).toBe(history.length % 2 ? 'disabled' : 'active')
})

test('roles.delete against keys.create: the key has the role and the role stays, or neither', async () => {
  for (let round = 0; round < rounds; round++) {
    const { id: roleId } = await createRole()
    const create = management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', roleId })
    const [deleted, made] = await Promise.all([management.mutate('roles.delete', { roleId }), create])
    expect([statusOf(deleted), statusOf(made)]).toSatisfy(([one, other]) => (one === 200 && other === 404) || (one === 409 && other === 200))
  }
})

test('roles.delete by force against keys.create and keys.update: no key keeps a role that is gone, none fails otherwise', async () => {
  for (let round = 0; round < rounds; round++) {
    const { id: roleId } = await createRole()
    const [with_, without] = [await createKey({ roleId }), await createKey()]
    const answers = await Promise.all([
      management.mutate('keys.update', { keyId: without.id, roleId }),
      management.mutate('roles.delete', { roleId, force: true }),
      management.mutate('keys.update', { keyId: with_.id, name: 'Renamed' }),
      management.mutate('keys.create', { workspaceId, mode: 'live', name: 'CI', roleId }),
    ])
    expect(statusOf(answers[1])).toBe(200)
    expect(statusOf(answers[2])).toBe(200)
    for (const answer of [answers[0], answers[3]]) expect([200, 404]).toContain(statusOf(answer))
    const keyCount = 1 + [answers[0], answers[3]].filter((answer) => statusOf(answer) === 200).length
    expect(answers[1].data.keyCount).toBe(keyCount)
    expect(await keyOf(with_.id)).toMatchObject({ name: 'Renamed', roleId: null })
    expect((await keyOf(without.id)).roleId).toBeNull()
  }
})

test('roles.create, many of one name at once: one is made', async () => {
  const name = newId('role')
  const answers = await Promise.all(Array.from({ length: 8 }, () => management.mutate('roles.create', { name, scopes: [] })))
  expect(answers.map(statusOf).sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409])
})

test('roles.update, two to one name at once: one has it', async () => {
  const [name, first, second] = [newId('role'), await createRole(), await createRole()]
  const answers = await Promise.all([first, second].map(({ id: roleId }) => management.mutate('roles.update', { roleId, name })))
  expect(answers.map(statusOf).sort()).toEqual([200, 409])
})

test('plans.assign against plans.update and workspaces.update: the quotas are those of the plan that won, but its own', async () => {
  const plan = async (amount: number) =>
    (await management.mutate('plans.create', { name: newId('plan'), quotas: { 'emails.sent': amount, 'contacts.stored': amount } })).data.plan.id as string
  for (let round = 0; round < rounds; round++) {
    const [a, b, workspace] = [await plan(1), await plan(2), (await management.mutate('workspaces.create', { name: 'Raced' })).data.workspace.id as string]
    await management.mutate('plans.assign', { workspaceId: workspace, planId: a })
    const answers = await Promise.all([
      management.mutate('plans.assign', { workspaceId: workspace, planId: b }),
      management.mutate('plans.update', { planId: a, quotas: { 'emails.sent': 10, 'acme.calls': 10 } }),
      management.mutate('workspaces.update', { workspaceId: workspace, quotas: { 'emails.sent': 5 } }),
      management.mutate('plans.update', { planId: b, quotas: { 'emails.sent': 20, 'contacts.stored': 20 } }),
    ])
    expect(answers.map(statusOf)).toEqual([200, 200, 200, 200])
    expect((await management.query('workspaces.get', { workspaceId: workspace })).data).toMatchObject({ workspace: { planId: b } })
    expect((await management.query('workspaces.get', { workspaceId: workspace })).data.quotas).toEqual({
      'contacts.stored': { amount: 20, origin: 'plan' }, 'emails.sent': { amount: 5, origin: 'own' },
    })
  }
})

test.each(['keys', 'workspaces', 'roles', 'plans'])('%s.update, many at once: each says what it changed from', async (things) => {
  const ids = {
    keys: { keyId: (await createKey()).id },
    workspaces: { workspaceId: (await management.mutate('workspaces.create', { name: 'CI' })).data.workspace.id as string },
    roles: { roleId: (await createRole()).id },
    plans: { planId: (await management.mutate('plans.create', { name: newId('plan') })).data.plan.id as string },
  }
  const id = ids[things as keyof typeof ids]
  await Promise.all(Array.from({ length: 8 }, () => management.mutate(`${things}.update`, { ...id, name: newId('plan') })))
  const rows = await management.db.selectFrom('audit_events').select(['before', 'after'])
    .where('target', '=', Object.values(id)[0] ?? '').orderBy('revision').execute()
  const names = rows.map(({ before, after }) => [(before as { name?: string } | null)?.name, (after as { name: string }).name])
  expect(names).toHaveLength(9)
  for (const [i, [before]] of names.entries()) if (i > 1) expect(before).toBe(names[i - 1]?.[1])
})

test('workspaces.suspend, many at once: one changes it', async () => {
  const { id } = (await management.mutate('workspaces.create', { name: 'Raced' })).data.workspace
  await Promise.all(Array.from({ length: 8 }, () => management.mutate('workspaces.suspend', { workspaceId: id })))
  expect(await historyOf(id)).toEqual(['workspaces.create', 'workspaces.suspend'])
})
