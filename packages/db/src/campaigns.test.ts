import { type EnvironmentId, newId } from '@letterlock/contract'
import { afterAll, beforeEach, expect, test } from 'vitest'
import * as campaigns from './campaigns.ts'
import { createTestDatabase } from './testing.ts'

const { db, drop } = await createTestDatabase()
afterAll(drop)

const now = new Date('2026-11-22T10:00:00.000Z')
const later = (seconds: number) => new Date(now.getTime() + seconds * 1_000)

beforeEach(async () => {
  await db.deleteFrom('campaigns').execute()
})

async function seedEnvironment() {
  const [id, workspaceId] = [newId('environment'), newId('workspace')]
  await db.insertInto('workspaces').values({ id: workspaceId, name: 'W', status: 'active', created_at: now, updated_at: now }).execute()
  await db.insertInto('environments').values({ id, workspace_id: workspaceId, mode: 'live', created_at: now }).execute()
  return id
}

/** So many campaigns of the environment that started at this time, and are sending unless they paused. */
async function start(environmentId: EnvironmentId, campaign: { count: number; at: Date; pausedFor?: campaigns.PauseReason }) {
  const { count, at, pausedFor = null } = campaign
  await db.insertInto('campaigns').values(Array.from({ length: count }, () => ({
    environment_id: environmentId, id: newId('campaign'), name: 'C', subject: 'S', html: '<p>H</p>', from_mailbox: 'a@acme.example',
    list_ids: [], exclude_list_ids: [], started_at: at, created_at: at, updated_at: at,
    status: pausedFor === null ? 'sending' : 'paused', pause_reason: pausedFor,
  }))).execute()
}

test('listCampaignsAtWork() lets no environment crowd out another one', async () => {
  const [crowd, modest] = [await seedEnvironment(), await seedEnvironment()]
  await start(modest, { count: 1, at: now })
  await start(crowd, { count: 501, at: later(-60), pausedFor: 'quota' })
  const ofEach = async (limit: number) => (await campaigns.listCampaignsAtWork(db, limit)).map((each) => each.environmentId)
  expect(await ofEach(500)).toEqual([modest])
  await start(crowd, { count: 3, at: later(-60) })
  expect(await ofEach(2)).toEqual([crowd, modest])
  expect(await ofEach(10)).toEqual([crowd, modest, crowd, crowd])
})

test('resumeWithinQuota() starts what its balance has room for, and nothing else', async () => {
  const [full, roomy, free, byUser] = [await seedEnvironment(), await seedEnvironment(), await seedEnvironment(), await seedEnvironment()]
  for (const environment of [full, roomy, free]) await start(environment, { count: 2, at: now, pausedFor: 'quota' })
  await start(byUser, { count: 1, at: now, pausedFor: 'user' })
  const quota = { meter: 'emails.sent', amount: 10 }
  await db.insertInto('quotas').values([{ environment_id: full, ...quota }, { environment_id: roomy, ...quota }]).execute()
  const balance = { meter: 'emails.sent', period_start: new Date('2026-11-01T00:00:00.000Z') }
  await db.insertInto('meter_balances')
    .values([{ environment_id: full, ...balance, used: 10 }, { environment_id: roomy, ...balance, used: 9 }]).execute()
  expect(await campaigns.resumeWithinQuota(db, now)).toBe(4)
  expect(await campaigns.resumeWithinQuota(db, now)).toBe(0)
  const statusesOf = async (environment: EnvironmentId) =>
    (await campaigns.listCampaigns(db, environment, { limit: 10 })).map((each) => each.pause_reason ?? each.status)
  expect(await statusesOf(full)).toEqual(['quota', 'quota'])
  expect(await statusesOf(roomy)).toEqual(['sending', 'sending'])
  expect(await statusesOf(free)).toEqual(['sending', 'sending'])
  expect(await statusesOf(byUser)).toEqual(['user'])
  expect(await campaigns.resumeWithinQuota(db, new Date('2026-12-01T00:00:00.000Z'))).toBe(2)
})
