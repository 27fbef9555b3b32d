import { newId } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { batchOf, partitionsOf, use } from '../test/usage-rig.ts'
import { connect } from './connect.ts'
import { migrate, readMigrations } from './migrate.ts'
import { createTestDatabase } from './testing.ts'
import * as usage from './usage.ts'

const { db, drop, connectionString } = await createTestDatabase({ max: 10 })
afterAll(drop)
beforeEach(async () => {
  await sql`drop schema public cascade`.execute(db)
  await sql`create schema public`.execute(db)
  await migrate(db)
})

const now = new Date('2026-11-22T23:30:00.000Z')
const save = (batch: usage.UsageBatch, when = now) => db.transaction().execute((tx) => usage.saveUsageBatch(tx, { ...batch, now: when }))
const daysLater = (days: number) => new Date(now.getTime() + days * 86_400_000)

test('createPartitionsAhead() makes today and seven days more, once, whoever else does', async () => {
  const made = await Promise.all(Array.from({ length: 6 }, () => usage.createPartitionsAhead(db, now)))
  expect(made.map(({ length }) => length).toSorted((a, b) => b - a)).toEqual([24, 0, 0, 0, 0, 0])
  expect((await partitionsOf(db, 'usage_requests')).map((name) => name.slice(-4))).toEqual([
    '1122', '1123', '1124', '1125', '1126', '1127', '1128', '1129',
  ])
  expect(await usage.createPartitionsAhead(db, daysLater(1))).toEqual([
    'usage_attempts_20261130', 'usage_minutes_20261130', 'usage_requests_20261130',
  ])
})

test('createPartitionsAhead() waits for nobody who reads or writes', async () => {
  await save(batchOf([use({ at: now })]))
  await db.transaction().execute(async (tx) => {
    await usage.saveUsageBatch(tx, { ...batchOf([use({ at: now })]), now })
    expect(await usage.createPartitionsAhead(db, now)).toHaveLength(22) // saving made two of today's three
    await sql`select * from usage_requests`.execute(tx)
  })
})

test('a new partition has the keys and indexes of its table', async () => {
  await usage.createPartitionsAhead(db, now, 0)
  const { rows } = await sql<{ name: string; count: number }>`
    select indrelid::regclass::text as name, count(*) as count from pg_index
    where indrelid in ('usage_attempts_20261122'::regclass, 'usage_requests_20261122'::regclass) group by 1 order by 1`.execute(db)
  expect(rows).toEqual([{ name: 'usage_attempts_20261122', count: 2 }, { name: 'usage_requests_20261122', count: 1 }])
})

test('dropOldPartitions() drops whole days by age, and keeps hours and days', async () => {
  const one = use({ at: now })
  const attempts = [{ minute: now, sourceIp: '192.0.2.7', reason: 'invalid_key', claimedKeyId: null, attempts: 1, lastAt: now }]
  await save(batchOf([one], { attempts }))
  expect(await usage.dropOldPartitions(db, daysLater(30))).toEqual([])
  expect(await usage.dropOldPartitions(db, daysLater(31))).toEqual(['usage_attempts_20261122', 'usage_requests_20261122'])
  expect(await usage.dropOldPartitions(db, daysLater(90))).toEqual([])
  expect(await usage.dropOldPartitions(db, daysLater(91))).toEqual(['usage_minutes_20261122'])
  const span = { from: new Date('2026-11-22T00:00:00.000Z'), to: new Date('2026-11-23T00:00:00.000Z') }
  for (const step of ['hour', 'day'] as const) {
    expect(await usage.readSeries(db, one.environmentId, { ...span, step })).toMatchObject([{ requests: 1 }])
  }
})

test('dropOldPartitions() drops each day once and fails for nobody, on however many nodes at once', async () => {
  for (let day = 0; day < 12; day++) await usage.createPartitionsAhead(db, daysLater(day))
  const dropped = await Promise.all(Array.from({ length: 6 }, () => usage.dropOldPartitions(db, daysLater(50))))
  const all = [...dropped.flat(), ...(await usage.dropOldPartitions(db, daysLater(50)))]
  expect(all).toHaveLength(2 * 19)
  expect(new Set(all).size).toBe(all.length)
})

test('dropOldPartitions() leaves no day that a late batch would open again', async () => {
  const [late, environmentId] = [daysLater(31), newId('environment')]
  await usage.dropOldPartitions(db, late)
  await save(batchOf([use({ at: daysLater(1), environmentId }), use({ at: now, environmentId })]), late)
  expect(await partitionsOf(db, 'usage_requests')).toEqual(['usage_requests_20261123'])
  expect(await usage.dropOldPartitions(db, late)).toEqual([])
})

test('dropOldPartitions() leaves a day that is being read to the next time', async () => {
  await save(batchOf([use({ at: now })]))
  await db.transaction().execute(async (tx) => {
    await sql`select * from usage_requests`.execute(tx)
    expect(await usage.dropOldPartitions(db, daysLater(31))).toEqual([])
  })
  expect(await usage.dropOldPartitions(db, daysLater(31))).toEqual(['usage_requests_20261122'])
})

test('dropOldPartitions() stops at the first day of a table that is in use, so that nobody waits long behind it', async () => {
  const [one, other] = [use({ at: now }), use({ at: daysLater(1) })]
  await save(batchOf([one, other]), daysLater(1))
  await db.transaction().execute(async (tx) => {
    await sql`select * from usage_requests_20261122`.execute(tx)
    const startedAt = performance.now()
    expect(await usage.dropOldPartitions(db, daysLater(32))).toEqual([])
    expect(performance.now() - startedAt).toBeLessThan(700)
  })
  expect(await usage.dropOldPartitions(db, daysLater(32))).toEqual(['usage_requests_20261122', 'usage_requests_20261123'])
})

test('the migration carries minutes over, and sums them to hours and days', async () => {
  await sql`drop schema public cascade`.execute(db)
  await sql`create schema public`.execute(db)
  const before = readMigrations().filter(({ version }) => version < 10)
  const berlin = connect({ connectionString: `${connectionString}?options=-c%20timezone%3DEurope/Berlin`, max: 1, applicationName: 'migrator' })
  await migrate(berlin, before)
  const environmentId = newId('environment')
  const minutes = ['2026-11-20T23:59:00.000Z', '2026-11-21T00:00:00.000Z', '2026-11-21T00:59:00.000Z', '2026-11-21T23:00:00.000Z']
  for (const minute of minutes) {
    await sql`insert into usage_minutes values (${environmentId}, ${minute}, 'key_1', 'contacts.get', 'ok', 5)`.execute(db)
  }
  await migrate(berlin)
  await berlin.destroy()
  expect(await partitionsOf(db, 'usage_minutes')).toEqual(['usage_minutes_20261120', 'usage_minutes_20261121'])
  await save(batchOf([use({ at: new Date('2026-11-20T23:59:30.000Z'), environmentId, keyId: 'key_1' as never })]))
  const span = { from: new Date('2026-11-20T00:00:00.000Z'), to: new Date('2026-11-22T00:00:00.000Z') }
  const read = async (step: usage.UsageStep) =>
    (await usage.readSeries(db, environmentId, { ...span, step })).map(({ at, requests }) => `${at.toISOString().slice(8, 16)} ${requests}`)
  expect(await read('minute')).toEqual(['20T23:59 6', '21T00:00 5', '21T00:59 5', '21T23:00 5'])
  expect(await read('hour')).toEqual(['20T23:00 6', '21T00:00 10', '21T23:00 5'])
  expect(await read('day')).toEqual(['20T00:00 6', '21T00:00 15'])
})
