import { createHash } from 'node:crypto'
import { newId, type WorkspaceId } from '@letterlock/contract'
import { alerts } from '@letterlock/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'kysely'
import { createManagementRouter } from '../../src/management/router.ts'
import { createTestManagement, type TestManagement } from './test-management.ts'

let management: TestManagement
beforeAll(async () => {
  management = await createTestManagement()
})
afterAll(() => management.database.drop())

/** A workspace with one of everything, on a plan of its own. */
async function createTenant(name: string) {
  const { workspace } = (await management.mutate('workspaces.create', { name, quotas: { 'emails.sent': 5 } })).data
  const workspaceId = workspace.id as WorkspaceId
  const about = { kind: 'key.unused', subject: workspaceId, occasion: '', detail: {}, now: management.state.now }
  await management.db.transaction().execute((tx) => alerts.raiseAlert(tx, workspaceId, about))
  const [raised] = await alerts.listAlerts(management.db, workspaceId, { limit: 1 })
  const roleId = (await management.mutate('roles.create', { workspaceId, name: 'Reader', scopes: ['lists:read'] })).data.role.id as string
  const { key } = (await management.mutate('keys.create', { workspaceId, mode: 'live', name, roleId })).data
  const planId = (await management.mutate('plans.create', { name, quotas: { 'contacts.stored': 9 } })).data.plan.id as string
  await management.mutate('plans.assign', { workspaceId, planId })
  return { workspaceId, alertId: raised?.id, roleId, keyId: key.id as string, planId }
}

type Tenant = Awaited<ReturnType<typeof createTenant>>

/** What each mutation is sent as one tenant. A mutation that is missing here fails the run; null: it is not about tenants. */
const inputs: Record<string, ((tenant: Tenant) => object) | null> = {
  'alerts.acknowledge': ({ alertId }) => ({ alertId }),
  'keys.create': ({ workspaceId, roleId }) => ({ workspaceId, roleId, mode: 'live', name: 'New' }),
  'keys.update': ({ keyId }) => ({ keyId, name: 'Changed', roleId: null, scopes: ['emails:send'] }),
  'keys.disable': ({ keyId }) => ({ keyId }),
  'keys.enable': ({ keyId }) => ({ keyId }),
  'keys.revoke': ({ keyId }) => ({ keyId }),
  'keys.import': ({ workspaceId, roleId }) => ({ workspaceId, mode: 'live', format: { prefix: 'old_' }, keys: [{ sha256: sha256Of(workspaceId), name: 'Imported', roleId }] }),
  'keys.verify': null,
  'roles.create': ({ workspaceId }) => ({ workspaceId, name: 'Sender', scopes: [] }),
  'roles.update': ({ roleId }) => ({ roleId, name: 'Changed', scopes: ['emails:send'] }),
  'roles.delete': ({ roleId }) => ({ roleId, force: true }),
  'plans.create': null,
  'plans.update': ({ planId }) => ({ planId, name: 'Changed', quotas: { 'contacts.stored': 1 } }),
  'plans.assign': ({ workspaceId }) => ({ workspaceId, planId: null }),
  'policies.set': ({ workspaceId }) => ({ workspaceId, policy: { maxLifetime: '90d' } }),
  'usage.setRetention': null,
  'workspaces.create': null,
  'workspaces.update': ({ workspaceId }) => ({ workspaceId, name: 'Changed', quotas: {}, rateLimits: [{ name: 'a', limit: '1/1s' }] }),
  'workspaces.suspend': ({ workspaceId }) => ({ workspaceId }),
  'workspaces.resume': ({ workspaceId }) => ({ workspaceId }),
  'rootKeys.create': null,
  'rootKeys.revoke': null,
}

const sha256Of = (text: string) => createHash('sha256').update(text).digest('hex')

/** A hash over all rows of a workspace and its plan; its audit log too. */
async function hashOf({ workspaceId, planId }: Tenant): Promise<string> {
  const { rows } = await sql<{ rows: string }>`
    with own as (select id from environments where workspace_id = ${workspaceId})
    select jsonb_build_array(
      (select to_jsonb(w) from workspaces w where id = ${workspaceId}),
      (select to_jsonb(p) from plans p where id = ${planId}),
      (select jsonb_agg(e order by id) from environments e where workspace_id = ${workspaceId}),
      (select jsonb_agg(q order by meter) from quotas q where environment_id in (select id from own)),
      (select jsonb_agg(k order by id) from keys k where workspace_id = ${workspaceId}),
      (select jsonb_agg(s order by key_id, version) from key_secrets s join keys k on k.id = s.key_id where workspace_id = ${workspaceId}),
      (select jsonb_agg(l order by id) from alerts l where workspace_id = ${workspaceId}),
      (select to_jsonb(y) from policies y where workspace_id = ${workspaceId}),
      (select jsonb_agg(r order by id) from roles r where workspace_id = ${workspaceId}),
      (select jsonb_agg(a order by sequence) from audit_events a where workspace_id = ${workspaceId})
    )::text as rows
  `.execute(management.db)
  return createHash('sha256').update(rows[0]?.rows ?? '').digest('hex')
}

test('every mutation as one workspace leaves all rows of another as they are', async () => {
  const { procedures } = createManagementRouter(management)._def as unknown as { procedures: Record<string, { _def: { type: string } }> }
  const mutations = Object.entries(procedures).filter(([, { _def }]) => _def.type === 'mutation').map(([name]) => name)
  expect(Object.keys(inputs).sort()).toEqual(mutations.sort())
  const [mine, theirs] = [await createTenant('Mine'), await createTenant('Theirs')]
  const before = await hashOf(theirs)
  for (const [procedure, inputOf] of Object.entries(inputs)) {
    if (!inputOf) continue
    const own = await hashOf(mine)
    const { status } = await management.mutate(procedure, inputOf(mine))
    expect([procedure, status]).toEqual([procedure, 200])
    if (!['keys.enable', 'workspaces.resume'].includes(procedure)) expect([procedure, await hashOf(mine)]).not.toEqual([procedure, own])
    expect([procedure, await hashOf(theirs)]).toEqual([procedure, before])
  }
})

test('a mutation of one workspace that names a role of another is refused like an unknown one, and changes neither', async () => {
  const [mine, theirs] = [await createTenant('Mine 2'), await createTenant('Theirs 2')]
  const before = [await hashOf(mine), await hashOf(theirs)]
  const unknown = newId('role')
  for (const send of [
    (roleId: string) => management.mutate('keys.create', { workspaceId: mine.workspaceId, mode: 'live', name: 'New', roleId }),
    (roleId: string) => management.mutate('keys.update', { keyId: mine.keyId, name: 'Changed', roleId }),
  ]) {
    const [foreign, none] = [await send(theirs.roleId), await send(unknown)]
    expect([foreign.status, foreign.error.message]).toEqual([404, none.error.message])
    expect({ ...foreign.error.data, requestId: '' }).toEqual({ ...none.error.data, requestId: '' })
  }
  expect([await hashOf(mine), await hashOf(theirs)]).toEqual(before)
})
