import { newId } from '@letterlock/contract'
import { revisions } from '@letterlock/db'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createTestManagement, type TestManagement } from './test-management.ts'

let management: TestManagement
const start = new Date('2026-11-22T09:30:00.000Z')
const later = '2026-11-22T09:31:00.000Z'
beforeAll(async () => {
  management = await createTestManagement()
})
beforeEach(() => void (management.state.now = start))
afterAll(() => management.database.drop())

async function createWorkspace(input: object = {}) {
  const { revision, ...made } = (await management.mutate('workspaces.create', { name: 'Acme', ...input })).data
  management.state.now = new Date(later)
  return { ...made, revision, id: made.workspace.id as string, shown: made }
}

const call = (verb: string, workspaceId: string, input: object = {}) => management.mutate(`workspaces.${verb}`, { workspaceId, ...input })
const auditOf = (action: string, target: string) =>
  management.db.selectFrom('audit_events').selectAll().where('action', '=', action).where('target', '=', target).execute()

describe('workspaces.update', () => {
  test('changes what is given, keeps the rest, and is audited', async () => {
    const { id, shown, revision } = await createWorkspace({ quotas: { 'emails.sent': 5, 'contacts.stored': 7 } })
    const change = { name: 'Acme & Co', rateLimits: [{ name: 'all', limit: '500/1s' }], quotas: { 'emails.sent': 6, 'acme.calls': 1 } }
    const { status, data } = await call('update', id, change)
    const workspace = { ...shown.workspace, name: 'Acme & Co', rateLimits: change.rateLimits, updatedAt: later }
    const quotas = { 'acme.calls': { amount: 1, origin: 'own' }, 'emails.sent': { amount: 6, origin: 'own' } }
    expect([status, data]).toEqual([200, { ...shown, workspace, quotas, revision: revision + 1 }])
    expect((await management.query('workspaces.get', { workspaceId: id })).data).toEqual({ ...shown, workspace, quotas })
    expect(await auditOf('workspaces.update', id)).toMatchObject([
      { before: { name: 'Acme', rateLimits: [], quotas: { 'emails.sent': 5, 'contacts.stored': 7 } }, after: change, revision: revision + 1 },
    ])
    const log = await management.db.selectFrom('change_log').select(['kind', 'id']).where('revision', '=', data.revision).execute()
    expect(log).toEqual([{ kind: 'workspace', id }])
  })

  test('that changes nothing leaves workspace, revision and audit log as they are', async () => {
    const { id, shown, revision } = await createWorkspace({ quotas: { 'emails.sent': 5 } })
    for (const change of [{}, { name: 'Acme', rateLimits: [], quotas: { 'emails.sent': 5 } }]) {
      expect((await call('update', id, change)).data).toEqual({ ...shown, revision })
    }
    expect(await auditOf('workspaces.update', id)).toEqual([])
  })

  test.each<[string, object, string, string]>([
    ['a meter that looks like a slip', { quotas: { 'email.sent': 5 } }, 'quotas.email.sent', 'did you mean emails.sent?'],
    ['a meter without a dot', { quotas: { somethingElse: 5 } }, 'quotas.somethingElse', 'such as emails.sent'],
    ['requests, which no quota bounds', { quotas: { 'api.requests': 5 } }, 'quotas.api.requests', 'use rateLimits'],
    ['a meter that the ledger cannot name', { quotas: { 'acme.Calls': 5 } }, 'quotas.acme.Calls', 'such as emails.sent'],
    ['an amount below 0', { quotas: { 'emails.sent': -1 } }, 'quotas.emails.sent', ''],
    ['more meters than 50', { quotas: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`acme.meter${i}`, 1])) }, 'quotas', 'at most 50'],
    ['a limit of nothing', { rateLimits: [{ name: 'a', limit: '0/1s' }] }, 'rateLimits.0.limit', ''],
    ['an empty name', { name: '' }, 'name', ''],
    ['a status', { status: 'active' }, 'status', 'unknown field'],
  ])('refuses %s', async (...[, change, path, message]) => {
    const { status, error } = await call('update', newId('workspace'), change)
    expect([status, error.data.issues[0]]).toEqual([400, { path, message: expect.stringContaining(message) }])
  })
})

describe('workspaces.suspend and workspaces.resume', () => {
  test('are in force with their answers, are audited, and change nothing when repeated', async () => {
    const { id, shown, revision } = await createWorkspace()
    const { secret } = (await management.mutate('keys.create', { workspaceId: id, mode: 'test', name: 'CI' })).data
    const suspended = await call('suspend', id, { reason: 'unpaid' })
    const workspace = { ...shown.workspace, status: 'suspended', updatedAt: later }
    expect(suspended.data).toEqual({ ...shown, workspace, revision: revision + 2 })
    expect((await management.verify(secret)).code).toBe('workspace_suspended')
    expect((await call('suspend', id, { reason: 'again' })).data).toEqual(suspended.data)
    const resumed = await call('resume', id)
    expect(resumed.data).toEqual({ ...shown, workspace: { ...workspace, status: 'active' }, revision: revision + 3 })
    expect((await management.verify(secret)).code).toBe('ok')
    expect((await call('resume', id)).data).toEqual(resumed.data)
    expect(await auditOf('workspaces.suspend', id)).toMatchObject([{ before: { status: 'active' }, after: { status: 'suspended', reason: 'unpaid' } }])
    expect(await auditOf('workspaces.resume', id)).toMatchObject([{ before: { status: 'suspended' }, after: { status: 'active' } }])
    const log = await management.db.selectFrom('change_log').select('kind').where('id', '=', id).execute()
    expect(log).toEqual([{ kind: 'workspace' }, { kind: 'workspace' }, { kind: 'workspace' }])
  })

  test.each(['update', 'suspend', 'resume'])('%s answers 404 for an unknown workspace', async (verb) => {
    const before = await revisions.currentRevision(management.db)
    const { status, error } = await call(verb, newId('workspace'))
    expect([status, error.data.code, error.message]).toEqual([404, 'not_found', 'There is no such workspace.'])
    expect(await revisions.currentRevision(management.db)).toBe(before)
  })
})
