import { type EnvironmentId, newId } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { batchOf, use } from '../test/usage-rig.ts'
import { readWithin } from './read-within.ts'
import { createTestDatabase } from './testing.ts'
import { selectRequests } from './usage-requests.ts'
import * as usage from './usage.ts'

const { db, drop } = await createTestDatabase()
afterAll(drop)

const noon = Date.parse('2026-11-22T12:00:00.000Z')
const dayMs = 86_400_000
const environmentId: EnvironmentId = newId('environment')

beforeAll(async () => {
  const uses = Array.from({ length: 20 }, (_, day) => Array.from({ length: 120 }, (_unused, index) => (
    use({ environmentId, at: new Date(noon - day * dayMs - index * 1_000), status: day === 12 && index === 5 ? 404 : 200 })
  ))).flat()
  await db.transaction().execute((tx) => usage.saveUsageBatch(tx, { ...batchOf(uses), now: new Date(noon) }))
  await sql`analyze usage_requests`.execute(db)
})

/** The days of the partitions that were read, and those that the plan named but never came to. */
async function daysOf(search: Partial<usage.RequestSearch>): Promise<{ read: string[]; spared: number }> {
  const span = { from: new Date(noon - 20 * dayMs), to: new Date(noon + 1), limit: 20 }
  const [explained] = await selectRequests(db, environmentId, { ...span, ...search }).explain('json', sql`analyze, buffers off`)
  const scans = scansOf((explained as unknown as { 'QUERY PLAN': [{ Plan: Plan }] })['QUERY PLAN'][0].Plan)
  const days = (of: Plan[]) => of.map((plan) => plan['Relation Name']?.slice(-4) ?? '').toSorted()
  return { read: days(scans.filter((plan) => plan['Actual Loops'] > 0)), spared: scans.filter((plan) => plan['Actual Loops'] === 0).length }
}

interface Plan {
  'Relation Name'?: string
  'Actual Loops': number
  Plans?: Plan[]
}

function scansOf(plan: Plan): Plan[] {
  return [...(plan['Relation Name'] ? [plan] : []), ...(plan.Plans ?? []).flatMap(scansOf)]
}

test('listRequests() reads the newest day alone for a first page', async () => {
  expect((await daysOf({})).read).toEqual(['1122'])
})

test('listRequests() reads for a later page the days that it is of', async () => {
  const [, last] = await usage.listRequests(db, environmentId, { from: new Date(noon - 10 * dayMs - 500), to: new Date(noon - 10 * dayMs + 1), limit: 1 })
    .then((rows) => [null, rows[0]] as const)
  const before = { at: last?.at ?? new Date(0), requestId: last?.request_id ?? ('' as never) }
  expect(await daysOf({ before })).toMatchObject({ read: ['1112'] })
  expect((await daysOf({ before, limit: 150 })).read).toEqual(['1111', '1112'])
})

test('listRequests() names no day outside of the time, whatever is filtered', async () => {
  const span = { from: new Date(noon - 12 * dayMs - 3_600_000), to: new Date(noon - 11 * dayMs) }
  expect(await daysOf({ ...span, status: 404 })).toEqual({ read: ['1110', '1111'], spared: 0 })
})

test('listRequests() reads for a request that is named the day of its id', async () => {
  const at = new Date(noon - 3 * dayMs)
  const requestId = use({ at }).requestId as never
  expect(await daysOf({ requestId })).toEqual({ read: ['1119'], spared: 0 })
})

test('readWithin() ends a statement that takes too long, and lets no read change anything', async () => {
  expect(await readWithin(db, 50, (tx) => sql`select pg_sleep(30)`.execute(tx))).toBe('timed out')
  expect(await readWithin(db, 5_000, async (tx) => (await sql<{ one: number }>`select 1 as one`.execute(tx)).rows)).toEqual([{ one: 1 }])
  await expect(readWithin(db, 5_000, (tx) => sql`delete from usage_days`.execute(tx))).rejects.toThrow('read-only transaction')
})
