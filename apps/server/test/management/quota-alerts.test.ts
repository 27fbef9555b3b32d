import type { EnvironmentId } from '@letterlock/contract'
import { meters } from '@letterlock/db'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sweep } from '../../src/jobs/sweeps.ts'
import { createTestManagement, type TestManagement } from './test-management.ts'

let management: TestManagement
beforeAll(async () => {
  management = await createTestManagement()
})
afterAll(() => management.database.drop())

/** A workspace on a plan with these terms. */
async function createWorkspace(name: string, terms: object) {
  const planId = (await management.mutate('plans.create', { name, ...terms })).data.plan.id as string
  const { workspace, environments } = (await management.mutate('workspaces.create', { name })).data
  await management.mutate('plans.assign', { workspaceId: workspace.id, planId })
  const take = (amount: number, reference: string) =>
    meters.takeQuota(management.db, environments.live.id as EnvironmentId, { meter: 'emails.sent', amount, reference, now: management.state.now })
  const alerts = async () =>
    (await management.query('alerts.list', { workspaceId: workspace.id, kind: 'quota.threshold' })).data.data as { subject: string; detail: object }[]
  return { planId, take, alerts, percents: async () => (await alerts()).map(({ detail }) => (detail as { percent: number }).percent).sort((a, b) => a - b) }
}

const run = () => sweep(management, (error) => { throw error })

test('sweep() raises an alert at 50, 80 and 100 % of a quota, each once in a month, on however many nodes', async () => {
  management.state.now = new Date('2026-11-30T23:59:59.999Z')
  const { take, alerts, percents } = await createWorkspace('Hard', { quotas: { 'emails.sent': 10 } })
  await take(4, 'a')
  await run()
  expect(await alerts()).toEqual([])
  await take(1, 'b')
  await Promise.all([run(), run(), run()])
  expect(await alerts()).toMatchObject([
    { subject: 'emails.sent', detail: { month: '2026-11', percent: 50, used: 5, quota: 10, soft: false }, at: '2026-11-30T23:59:59.999Z' },
  ])
  await take(5, 'c')
  management.state.now = new Date('2026-12-01T00:00:30.000Z') // the sweep comes after the end of the period
  await Promise.all([run(), run(), run()])
  await run()
  expect(await percents()).toEqual([50, 80, 100])
  await take(5, 'd')
  await run()
  expect((await alerts())[0]).toMatchObject({ detail: { month: '2026-12', percent: 50 } })
  expect(await alerts()).toHaveLength(4)
})

test('a soft quota lets through what is beyond it and raises alerts; the hard one beside it refuses', async () => {
  const { take, percents } = await createWorkspace('Soft', { quotas: { 'emails.sent': 100 }, softQuotas: { 'emails.sent': 10 } })
  expect(await take(12, 'a')).toEqual({ ok: true, used: 12 })
  await run()
  expect(await percents()).toEqual([50, 80, 100])
  expect(await take(89, 'b')).toMatchObject({ ok: false, limit: 100, used: 12 })
})

test('a quota that was raised has its thresholds anew', async () => {
  const { planId, take, percents } = await createWorkspace('Raised', { quotas: { 'emails.sent': 10 } })
  await take(8, 'a')
  await run()
  await management.mutate('plans.update', { planId, quotas: { 'emails.sent': 16 } })
  await run()
  expect(await percents()).toEqual([50, 50, 80])
})
