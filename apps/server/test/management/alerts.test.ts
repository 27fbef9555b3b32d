import { newId, type WorkspaceId } from '@letterlock/contract'
import { alerts } from '@letterlock/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestManagement, type TestManagement } from './test-management.ts'

let management: TestManagement
let workspaceId: WorkspaceId
const start = new Date('2026-11-22T09:30:00.000Z')
beforeAll(async () => {
  management = await createTestManagement()
  workspaceId = (await management.mutate('workspaces.create', { name: 'Acme' })).data.workspace.id
})
afterAll(() => management.database.drop())

const raise = (kind: string, subject: string, owner = workspaceId) =>
  management.db.transaction().execute((tx) => alerts.raiseAlert(tx, owner, { kind, subject, occasion: '', detail: { n: 1 }, now: start }))
const subjectsOf = async (input: object = {}) =>
  (await management.query('alerts.list', { workspaceId, ...input })).data.data.map(({ subject }: { subject: string }) => subject)

test('alerts.list shows those of a workspace newest first, by kind, subject and page', async () => {
  const other = (await management.mutate('workspaces.create', { name: 'Other' })).data.workspace.id
  await raise('key.expiring', 'a')
  await raise('key.unused', 'b')
  await raise('key.expiring', 'c')
  await raise('key.expiring', 'theirs', other)
  expect(await subjectsOf()).toEqual(['c', 'b', 'a'])
  expect(await subjectsOf({ kind: 'key.expiring' })).toEqual(['c', 'a'])
  expect(await subjectsOf({ subject: 'b' })).toEqual(['b'])
  const { nextCursor, hasMore } = (await management.query('alerts.list', { workspaceId, limit: 2 })).data
  expect([hasMore, await subjectsOf({ limit: 2, cursor: nextCursor })]).toEqual([true, ['a']])
  expect((await management.query('alerts.list', { workspaceId: newId('workspace') })).status).toBe(404)
})

test('alerts.acknowledge notes once who has seen an alert; an unknown one is answered with 404', async () => {
  await raise('quota.threshold', 'd')
  const alertId = (await management.query('alerts.list', { workspaceId, subject: 'd' })).data.data[0].id
  const first = await management.mutate('alerts.acknowledge', { alertId })
  expect(first.data.alert).toMatchObject({ acknowledgedAt: start.toISOString(), acknowledgedBy: expect.stringMatching(/^key_/) })
  const again = await management.mutate('alerts.acknowledge', { alertId }, { key: await management.addRootKey(['alerts:write']) })
  expect(again.data).toEqual(first.data)
  expect(await subjectsOf({ acknowledged: true })).toEqual(['d'])
  expect(await subjectsOf({ acknowledged: false })).not.toContain('d')
  expect((await management.mutate('alerts.acknowledge', { alertId: newId('alert') })).status).toBe(404)
})
