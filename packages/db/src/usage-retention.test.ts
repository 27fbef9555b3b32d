import { afterAll, expect, test } from 'vitest'
import { batchOf, partitionsOf, use } from '../test/usage-rig.ts'
import { createTestDatabase } from './testing.ts'
import * as usage from './usage.ts'

const { db, drop } = await createTestDatabase()
afterAll(drop)

const now = new Date('2026-11-22T12:00:00.000Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000)
const save = (at: Date) => db.transaction().execute((tx) => usage.saveUsageBatch(tx, { ...batchOf([use({ at })]), now }))
const setRequestDays = (requestDays: number) =>
  db.transaction().execute(async (tx) => usage.setRetention(tx, { ...(await usage.lockRetention(tx)), requestDays }, now))

test('saveUsageBatch() and dropOldPartitions() keep records for as long as is set', async () => {
  await setRequestDays(60)
  await save(daysAgo(50))
  expect(await usage.dropOldPartitions(db, now)).toEqual([])
  await setRequestDays(49)
  expect(await usage.dropOldPartitions(db, now)).toEqual(['usage_requests_20261003'])
  await save(daysAgo(50))
  expect(await partitionsOf(db, 'usage_requests')).toEqual([])
})

test('dropOldPartitions() drops no day after a longer retention was promised', async () => {
  await setRequestDays(60)
  await save(daysAgo(50))
  await setRequestDays(49)
  await db.transaction().execute(async (tx) => {
    const current = await usage.lockRetention(tx)
    await usage.setRetention(tx, { ...current, requestDays: 60 }, now)
    expect(await usage.dropOldPartitions(db, now)).toEqual([]) // has read 49 days, and does not get past the change
  })
  expect(await usage.dropOldPartitions(db, now)).toEqual([])
  expect(await partitionsOf(db, 'usage_requests')).toEqual(['usage_requests_20261003'])
})
