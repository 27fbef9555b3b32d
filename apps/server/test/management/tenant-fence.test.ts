import { createHash } from 'node:crypto'
import { newId, type WorkspaceId } from '@letterlock/contract'
import { alerts } from '@letterlock/db'
import { letterlockKeys } from '@letterlock/keys'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'kysely'
import { createManagementRouter } from '../../src/management/router.ts'
import { createTestManagement, keyIdOf, type TestManagement } from './test-management.ts'

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
  const { key, secret } = (await management.mutate('keys.create', { workspaceId, mode: 'live', name, roleId, owner: 'Ada' })).data
  const shareId = (await management.mutate('shares.create', { keyId: key.id, secret })).data.share.id as string
  const canaryId = (await management.mutate('canaries.create', { workspaceId, name: 'Bait' })).data.canary.id as string
  const usedKeyId = (await management.mutate('keys.create', { workspaceId, mode: 'live', name: 'Used', scopes: ['lists:read'] })).data.key.id as string
  const planId = (await management.mutate('plans.create', { name, quotas: { 'contacts.stored': 9 } })).data.plan.id as string
  await management.mutate('plans.assign', { workspaceId, planId })
  return { workspaceId, alertId: raised?.id, roleId, keyId: key.id as string, usedKeyId, canaryId, secret: secret as string, shareId, planId }
}

type Tenant = Awaited<ReturnType<typeof createTenant>>

/** What each mutation is sent as one tenant. A mutation that is missing here fails the run; null: it is not about tenants. */
const inputs: Record<string, ((tenant: Tenant) => object) | null> = {
  'advice.accept': ({ usedKeyId }) => ({ keyId: usedKeyId, parts: ['scopes'] }),
  'advice.undo': ({ usedKeyId }) => ({ keyId: usedKeyId }),
  'alerts.acknowledge': ({ alertId }) => ({ alertId }),
  'canaries.create': ({ workspaceId }) => ({ workspaceId, name: 'Trap' }),
  'canaries.revoke': ({ canaryId }) => ({ canaryId }),
  'keys.create': ({ workspaceId, roleId }) => ({ workspaceId, roleId, mode: 'live', name: 'New', owner: 'Ada' }),
  'keys.update': ({ keyId }) => ({ keyId, name: 'Changed', roleId: null, scopes: ['emails:send'] }),
  'shares.create': ({ keyId, secret }) => ({ keyId, secret }),
  'shares.revoke': ({ shareId }) => ({ shareId }),
  'keys.quarantine': ({ keyId }) => ({ keyId, reason: 'alarm' }),
  'keys.release': ({ keyId }) => ({ keyId }),
  'keys.disable': ({ keyId }) => ({ keyId }),
  'keys.enable': ({ keyId }) => ({ keyId }),
  'keys.rotate': ({ keyId }) => ({ keyId }),
  'keys.retireSecret': ({ keyId }) => ({ keyId, version: 1 }),
  'keys.revoke': ({ keyId }) => ({ keyId }),
  'keys.import': ({ workspaceId, roleId }) => ({ workspaceId, mode: 'live', format: { prefix: 'old_' }, keys: [{ sha256: sha256Of(workspaceId), name: 'Imported', roleId }] }),
  'keys.revokeMany': ({ workspaceId }) => ({ workspaceId, filter: { owner: 'Ada' }, dryRun: false, expectedCount: 1 }),
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
  'rootKeys.rotate': null,
  'rootKeys.retireSecret': null,
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
      (select jsonb_agg(l order by meter) from spend_limits l where environment_id in (select id from own)),
      (select jsonb_agg(k order by id) from keys k where workspace_id = ${workspaceId}),
      (select jsonb_agg(s order by key_id, version) from key_secrets s join keys k on k.id = s.key_id where workspace_id = ${workspaceId}),
      (select jsonb_agg(c order by id) from canaries c where workspace_id = ${workspaceId}),
      (select jsonb_agg(d order by key_id) from key_advice d where workspace_id = ${workspaceId}),
      (select jsonb_agg(h order by id) from secret_shares h where workspace_id = ${workspaceId}),
      (select jsonb_agg(l order by id) from alerts l where workspace_id = ${workspaceId}),
      (select jsonb_agg(x order by from_at) from plan_spans x where workspace_id = ${workspaceId}),
      (select jsonb_agg(o order by id) from statements o where workspace_id = ${workspaceId}),
      (select to_jsonb(y) from policies y where workspace_id = ${workspaceId}),
      (select jsonb_agg(r order by id) from roles r where workspace_id = ${workspaceId}),
      (select jsonb_agg(a order by sequence) from audit_events a where workspace_id = ${workspaceId}),
      (select to_jsonb(h) from audit_heads h where workspace_id = ${workspaceId})
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

/**
 * What mutations are sent that are not about tenants, or that another input than above is needed for (a name is taken).
 * One that is null there and missing here fails the run; null: it changes nothing.
 */
const inputsBeside: Record<string, ((tenant: Tenant & { rootKeyId: string }) => object) | null> = {
  'keys.verify': null,
  'plans.create': () => ({ name: 'Audited plan' }),
  'plans.update': ({ planId }) => ({ planId, name: 'Audited anew' }),
  'rootKeys.create': () => ({ name: 'Audited', scopes: ['scopes:read'] }),
  'rootKeys.rotate': ({ rootKeyId }) => ({ keyId: rootKeyId }),
  'rootKeys.retireSecret': ({ rootKeyId }) => ({ keyId: rootKeyId, version: 1 }),
  'rootKeys.revoke': ({ rootKeyId }) => ({ keyId: rootKeyId }),
  'usage.setRetention': () => ({ attemptDays: 31 }),
  'workspaces.create': () => ({ name: 'Audited' }),
}

test('every mutation writes an audit row with its actor, action, target, address, request id, before and after, and no secret', async () => {
  const about = { ...(await createTenant('Audited')), rootKeyId: keyIdOf(await management.addRootKey([])) }
  const secrets: string[] = []
  for (const [procedure, inputOf] of Object.entries({ ...inputs, ...inputsBeside })) {
    if (!inputOf) {
      expect([procedure, inputsBeside[procedure]]).toEqual([procedure, null])
      continue
    }
    const { status, data, headers } = await management.mutate(procedure, inputOf(about))
    expect([procedure, status]).toEqual([procedure, 200])
    if (typeof data.secret === 'string') secrets.push(data.secret)
    if (typeof data.url === 'string') secrets.push(new URL(data.url).pathname.slice('/s/'.length))
    const rows = await management.db.selectFrom('audit_events').selectAll().where('revision', '=', data.revision).execute()
    expect([procedure, rows.length > 0]).toEqual([procedure, true])
    for (const row of rows) {
      expect(row).toMatchObject({
        actor: keyIdOf(management.rootKey), action: procedure, ip: '127.0.0.1', request_id: headers.get('x-request-id'), target: expect.stringMatching(/./),
      })
      expect([procedure, row.before === null && row.after === null]).toEqual([procedure, false])
    }
  }
  await expectNoSecret(secrets)
})

/** Searches the whole audit log for what is shown once or never. */
async function expectNoSecret(secrets: readonly string[]): Promise<void> {
  const { rows } = await sql<{ text: string }>`select to_jsonb(a)::text as text from audit_events a`.execute(management.db)
  const digests = await management.db.selectFrom('key_secrets').select('digest').execute()
  const log = rows.map(({ text }) => text).join('\n')
  expect([secrets.length > 0, digests.length > 0]).toEqual([true, true])
  expect(letterlockKeys.findKeys(log)).toEqual([])
  for (const secret of [...secrets, ...secrets.map((key) => key.slice(34, 66))]) expect(log).not.toContain(secret)
  for (const { digest } of digests) {
    for (const encoding of ['hex', 'base64', 'base64url'] as const) expect(log).not.toContain(digest.toString(encoding))
    expect(log).not.toContain(JSON.stringify([...digest]).slice(1, -1))
  }
}

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
