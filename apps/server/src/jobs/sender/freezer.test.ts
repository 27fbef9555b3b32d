import { campaignReports, campaigns, connect } from '@letterlock/db'
import { createTestDatabase, type TestDatabase } from '@letterlock/db/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createFreezer } from './freezer.ts'
import { seedStartedCampaign, silent, until } from './testing/fixture.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('createFreezer() leaves connections to others, and freezes every audience in parts', async () => {
  const { db, connectionString } = database
  const started = []
  for (let count = 1; count <= 6; count += 1) started.push(await seedStartedCampaign(db, { count }))
  const pool = connect({ connectionString, max: 3, applicationName: 'freezer' })
  const freezer = createFreezer({ db: pool, size: 2, clock: () => new Date(), log: silent, onFrozen: () => undefined })
  await db.transaction().execute(async (tx) => {
    await sql`lock table contacts in access exclusive mode`.execute(tx) // no freeze can go on
    freezer.setWork(await campaigns.listCampaignsAtWork(db, 10))
    const waiting = () =>
      sql`select from pg_stat_activity where application_name = 'freezer' and wait_event_type = 'Lock'`.execute(db)
    await until(async () => (await waiting()).rows.length >= 2)
    await sql`select 1`.execute(pool)
  })
  for (const [index, { environmentId, campaignId }] of started.entries()) {
    await until(async () => (await campaigns.findCampaign(db, environmentId, campaignId))?.frozen_at)
    expect(await campaignReports.countByState(db, environmentId, campaignId)).toMatchObject({ audience: index + 1 })
  }
  await freezer.stop()
  await pool.destroy()
})
