import { type EnvironmentId, type KeyId, newId } from '@letterlock/contract'
import { afterAll, expect, test } from 'vitest'
import type { Tx } from './connect.ts'
import * as meters from './meters.ts'
import { createTestDatabase } from './testing.ts'
import * as usage from './usage.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 20, onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const minute = new Date('2026-11-22T09:30:00.000Z')
const lastUsedAt = new Date('2026-11-22T09:30:12.345Z')
const now = new Date('2026-11-22T09:30:13.000Z')
const month = { from: new Date('2026-11-01T00:00:00.000Z'), to: new Date('2026-12-01T00:00:00.000Z'), now }

function inTx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work)
}

function row(more: Partial<usage.UsageRow> = {}): usage.UsageRow {
  const ids = { environmentId: newId('environment'), keyId: newId('key') }
  return { ...ids, operation: 'contacts.get', outcome: 'ok', minute, requests: 1, lastUsedAt, ...more }
}

function save(rows: usage.UsageRow[], batchId: string = crypto.randomUUID()) {
  return inTx((tx) => usage.saveUsageBatch(tx, { batchId, rows, now }))
}

async function environmentWith(quotas: Record<string, number>): Promise<EnvironmentId> {
  const liveEnvironmentId = newId('environment')
  const ids = { id: newId('workspace'), liveEnvironmentId, testEnvironmentId: newId('environment') }
  await inTx((tx) => workspaces.insertWorkspace(tx, { ...ids, name: 'Acme', quotas, now }))
  return liveEnvironmentId
}

async function insertKey(): Promise<KeyId> {
  const id = newId('key')
  await db
    .insertInto('keys')
    .values({ id, mode: 'root', name: 'k', scopes: [], status: 'active', created_at: minute, updated_at: minute })
    .execute()
  return id
}

async function lastUseOf(keyId: KeyId) {
  return (await db.selectFrom('keys').select('last_used_at').where('id', '=', keyId).executeTakeFirstOrThrow()).last_used_at
}

const requests = async (environmentId: EnvironmentId) =>
  (await usage.readUsage(db, environmentId, month)).meters.find(({ meter }) => meter === 'api.requests')?.used

test('saveUsageBatch() adds to the minutes, once per batch', async () => {
  const first = row({ requests: 3 })
  expect(await save([first, { ...first, requests: 2 }], 'batch')).toBe(true)
  expect(await save([first], 'batch')).toBe(false)
  expect(await requests(first.environmentId)).toBe(5)
  await save([first])
  expect(await requests(first.environmentId)).toBe(8)
})

test('saveUsageBatch() of 20 twins at once counts once', async () => {
  const { environmentId, ...rest } = row({ requests: 7 })
  const saved = await Promise.all(Array.from({ length: 20 }, () => save([{ environmentId, ...rest }], 'twins')))
  expect(saved.filter(Boolean)).toHaveLength(1)
  expect(await requests(environmentId)).toBe(7)
})

test('saveUsageBatch() of 20 nodes with the same keys in other orders loses nothing and does not deadlock', async () => {
  const environmentId = newId('environment')
  const keyIds = await Promise.all(Array.from({ length: 30 }, insertKey))
  const rows = keyIds.map((keyId) => row({ environmentId, keyId }))
  await Promise.all(Array.from({ length: 20 }, (_, node) => save(node % 2 ? rows : rows.toReversed())))
  expect(await requests(environmentId)).toBe(600)
  expect(await lastUseOf(keyIds[0] ?? newId('key'))).toEqual(lastUsedAt)
})

test('saveUsageBatch() saves a batch without a key that was let in, and an empty one', async () => {
  expect(await save([row({ outcome: 'expired_key' })])).toBe(true)
  expect(await save([])).toBe(true)
})

test('saveUsageBatch() moves the last use of a key forward only, and not for refused ones', async () => {
  const keyId = await insertKey()
  const at = (time: string, outcome = 'ok') => save([row({ keyId, outcome, lastUsedAt: new Date(time) })])
  await at('2026-11-22T09:30:05.000Z', 'revoked_key')
  expect(await lastUseOf(keyId)).toBeNull()
  await at('2026-11-22T09:30:05.000Z', 'not_found')
  await at('2026-11-22T09:30:04.000Z')
  expect(await lastUseOf(keyId)).toEqual(new Date('2026-11-22T09:30:05.000Z'))
  await at('2026-11-22T09:30:06.000Z')
  expect(await lastUseOf(keyId)).toEqual(new Date('2026-11-22T09:30:06.000Z'))
})

test('readUsage() counts requests that were served, in the time that was asked for', async () => {
  const base = row({ requests: 1 })
  const { environmentId } = base
  const outcomes = ['ok', 'not_found', 'invalid_request', 'expired_key', 'insufficient_scope', 'rate_limited', 'internal']
  await save(outcomes.map((outcome) => ({ ...base, outcome })))
  await save([
    { ...base, minute: new Date('2026-10-31T23:59:00.000Z'), requests: 10 },
    { ...base, minute: new Date('2026-11-01T00:00:00.000Z'), requests: 100 },
    { ...base, minute: new Date('2026-12-01T00:00:00.000Z'), requests: 1_000 },
    row({ requests: 10_000 }),
  ])
  const { meters: [first], series } = await usage.readUsage(db, environmentId, month)
  expect(first).toEqual({ meter: 'api.requests', used: 103, limit: null, resetsAt: null })
  expect(series).toEqual([
    { day: '2026-11-01', meter: 'api.requests', used: 100 },
    { day: '2026-11-22', meter: 'api.requests', used: 3 },
  ])
})

test('readUsage() sums what was sent and shows what is stored as a level', async () => {
  const environmentId = await environmentWith({ 'emails.sent': 100, 'contacts.stored': 50 })
  const on = (day: string) => new Date(`2026-${day}T12:00:00.000Z`)
  const take = (meter: meters.Meter, amount: number, day: string) =>
    inTx((tx) => meters.takeMeter(tx, environmentId, { meter, amount, reference: crypto.randomUUID(), now: on(day) }))
  await take('emails.sent', 9, '10-31')
  await take('emails.sent', 5, '11-02')
  await take('emails.sent', 6, '11-03')
  await take('contacts.stored', 10, '10-31')
  await take('contacts.stored', 20, '11-02')
  await inTx((tx) => meters.giveMeter(tx, environmentId, { meter: 'contacts.stored', amount: 5, reference: 'd', now: on('11-04') }))
  expect(await usage.readUsage(db, environmentId, month)).toEqual({
    meters: [
      { meter: 'api.requests', used: 0, limit: null, resetsAt: null },
      { meter: 'contacts.stored', used: 25, limit: 50, resetsAt: null },
      { meter: 'emails.sent', used: 11, limit: 100, resetsAt: new Date('2026-12-01T00:00:00.000Z') },
    ],
    series: [
      { day: '2026-11-02', meter: 'contacts.stored', used: 30 },
      { day: '2026-11-04', meter: 'contacts.stored', used: 25 },
      { day: '2026-11-02', meter: 'emails.sent', used: 5 },
      { day: '2026-11-03', meter: 'emails.sent', used: 6 },
    ],
  })
  const untilThird = await usage.readUsage(db, environmentId, { ...month, to: new Date('2026-11-03T00:00:00.000Z') })
  expect(untilThird.series.map(({ day, used }) => [day, used])).toEqual([['2026-11-02', 30], ['2026-11-02', 5]])
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /usage_|last_used_at|from meter_ledger\s+where|"quotas" where/.test(sql))
  const lines = ours.map((sql) => sql.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${lines.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/usage.sql')
})
