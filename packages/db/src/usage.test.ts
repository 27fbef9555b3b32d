import { type EnvironmentId, newId } from '@letterlock/contract'
import { afterAll, expect, test } from 'vitest'
import { batchOf, type TestUse, use } from '../test/usage-rig.ts'
import type { Tx } from './connect.ts'
import * as meters from './meters.ts'
import { createTestDatabase } from './testing.ts'
import * as usage from './usage.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 20, onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const at = new Date('2026-11-22T09:30:12.345Z')
const now = new Date('2026-11-22T09:30:13.000Z')
const month = { from: new Date('2026-11-01T00:00:00.000Z'), to: new Date('2026-12-01T00:00:00.000Z'), now }

function inTx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work)
}

const save = (uses: TestUse[], more: Partial<usage.UsageBatch> = {}) =>
  inTx((tx) => usage.saveUsageBatch(tx, { ...batchOf(uses, more), now }))

async function environmentWith(quotas: Record<string, number>): Promise<EnvironmentId> {
  const liveEnvironmentId = newId('environment')
  const ids = { id: newId('workspace'), liveEnvironmentId, testEnvironmentId: newId('environment') }
  await inTx((tx) => workspaces.insertWorkspace(tx, { ...ids, name: 'Acme', quotas, now }))
  return liveEnvironmentId
}

test('readUsage() counts requests that were served, in the time that was asked for', async () => {
  const base = use({ at })
  const { environmentId, keyId } = base
  const again = (more: Partial<TestUse>) => use({ at, environmentId, keyId, ...more })
  const outcomes = ['ok', 'not_found', 'invalid_request', 'expired_key', 'insufficient_scope', 'rate_limited', 'internal']
  await save(outcomes.map((outcome) => again({ outcome })))
  await save([
    again({ at: new Date('2026-10-31T23:59:00.000Z') }),
    ...[1, 2].map(() => again({ at: new Date('2026-11-01T00:00:00.000Z') })),
    again({ at: new Date('2026-12-01T00:00:00.000Z') }),
    use({ at }),
  ])
  const { meters: [first], series } = await usage.readUsage(db, environmentId, month)
  expect(first).toEqual({ meter: 'api.requests', used: 5, limit: null, resetsAt: null })
  expect(series).toEqual([
    { day: '2026-11-01', meter: 'api.requests', used: 2 },
    { day: '2026-11-22', meter: 'api.requests', used: 3 },
  ])
})

test('readUsage() finds each request once, wherever the span begins and ends', async () => {
  const environmentId = newId('environment')
  const times = Array.from({ length: 24 * 4 * 3 }, (_, index) => new Date(Date.parse('2026-11-10T00:00:00.000Z') + index * 900_000))
  await save(times.map((time) => use({ environmentId, at: time })))
  const minutes = [0, 1, 59, 60, 61, 90, 24 * 60, 24 * 60 + 1, 25 * 60 + 30, 48 * 60, 50 * 60 + 7, 72 * 60]
  const points = minutes.map((minute) => new Date(Date.parse('2026-11-10T00:00:00.000Z') + minute * 60_000))
  for (const from of points) {
    for (const to of points.filter((point) => point > from)) {
      const expected = times.filter((time) => time >= from && time < to).length
      const { meters: [first] } = await usage.readUsage(db, environmentId, { from, to, now })
      expect(first?.used, `${from.toISOString()} to ${to.toISOString()}`).toBe(expected)
    }
  }
})

test('readUsage() takes whole days from the days, so that it knows them after the minutes are gone', async () => {
  const one = use({ at: new Date('2026-11-05T09:30:00.000Z') })
  await save([one])
  await db.deleteFrom('usage_minutes').where('environment_id', '=', one.environmentId).execute()
  const used = async (from: string, to: string) =>
    (await usage.readUsage(db, one.environmentId, { from: new Date(from), to: new Date(to), now })).meters[0]?.used
  expect(await used('2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z')).toBe(1)
  await db.deleteFrom('usage_days').where('environment_id', '=', one.environmentId).execute()
  expect(await used('2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z')).toBe(0)
  expect(await used('2026-11-05T00:10:00.000Z', '2026-11-05T23:50:00.000Z')).toBe(1)
})

test('readSeries() sums by minute, hour and day, and by key, operation and outcome', async () => {
  const [environmentId, keyId] = [newId('environment'), newId('key')]
  const again = (time: string, more: Partial<TestUse> = {}) => use({ environmentId, keyId, at: new Date(`2026-11-21T${time}.000Z`), ...more })
  await save([again('10:00:01'), again('10:00:59'), again('10:01:00', { outcome: 'not_found' }), again('11:00:00', { operation: 'lists.get' })])
  await save([use({ environmentId, at: new Date('2026-11-21T10:00:30.000Z') })])
  const span = { from: new Date('2026-11-21T00:00:00.000Z'), to: new Date('2026-11-22T00:00:00.000Z') }
  const read = async (ask: Omit<usage.SeriesAsk, 'from' | 'to'>) =>
    (await usage.readSeries(db, environmentId, { ...span, ...ask })).map((point) => [point.at.toISOString().slice(11, 16), point.name, point.requests])
  expect(await read({ step: 'minute' })).toEqual([['10:00', '', 3], ['10:01', '', 1], ['11:00', '', 1]])
  expect(await read({ step: 'hour', keyId })).toEqual([['10:00', '', 3], ['11:00', '', 1]])
  expect(await read({ step: 'day', by: 'outcome' })).toEqual([['00:00', 'not_found', 1], ['00:00', 'ok', 4]])
  expect(await read({ step: 'hour', by: 'operation', outcome: 'ok' })).toEqual([['10:00', 'contacts.get', 3], ['11:00', 'lists.get', 1]])
  expect(await read({ step: 'day', by: 'key', operation: 'lists.get' })).toEqual([['00:00', keyId, 1]])
})

test('listRequests() pages through the days, newest first, each request once', async () => {
  const [environmentId, keyId] = [newId('environment'), newId('key')]
  const uses = Array.from({ length: 40 }, (_, index) => use({
    environmentId, at: new Date(Date.parse('2026-11-19T23:59:50.000Z') + Math.floor(index / 4) * 1_000), // four at each time, over midnight
    status: index % 2 ? 200 : 404, outcome: index % 2 ? 'ok' : 'not_found', ...(index % 5 === 0 && { keyId }),
  }))
  await save(uses)
  const span = { from: new Date('2026-11-19T00:00:00.000Z'), to: new Date('2026-11-21T00:00:00.000Z') }
  const page = (more: Partial<usage.RequestSearch> = {}) => usage.listRequests(db, environmentId, { ...span, limit: 7, ...more })
  const seen: string[] = []
  for (let before: usage.RequestSearch['before']; ;) {
    const rows = (await page({ before })).slice(0, 7)
    seen.push(...rows.map((row) => row.request_id))
    const last = rows.at(-1)
    if (rows.length < 7 || !last) break
    before = { at: last.at, requestId: last.request_id }
  }
  const newestFirst = uses.toSorted((a, b) => b.at.getTime() - a.at.getTime() || (a.requestId < b.requestId ? 1 : -1))
  expect(seen).toEqual(newestFirst.map(({ requestId }) => requestId))
  const count = async (more: Partial<usage.RequestSearch>) => (await page({ limit: 100, ...more })).length
  expect(await count({ keyId })).toBe(8)
  expect(await count({ keyId, status: 404 })).toBe(4)
  expect(await count({ outcome: 'ok' })).toBe(20)
  expect(await count({ operations: ['lists.get'] })).toBe(0)
  expect(await count({ from: new Date('2026-11-20T00:00:00.000Z') })).toBe(0)
  expect(await count({ from: new Date('2026-11-19T23:59:59.000Z') })).toBe(4)
  const wanted = uses[17]
  expect((await page({ requestId: wanted?.requestId as never })).map(({ request_id }) => request_id)).toEqual([wanted?.requestId])
  expect(await usage.listRequests(db, newId('environment'), { ...span, limit: 7, requestId: wanted?.requestId as never })).toEqual([])
})

test('listAttempts() sums by source, reason and claimed key', async () => {
  const claimed = newId('key')
  const attempt = (time: string, attempts: number, more = {}) => ({
    minute: new Date(`2026-11-18T10:${time}:00.000Z`), sourceIp: '198.51.100.1', reason: 'invalid_key', claimedKeyId: null,
    attempts, lastAt: new Date(`2026-11-18T10:${time}:30.000Z`), ...more,
  })
  await save([], { attempts: [attempt('00', 3), attempt('01', 4), attempt('00', 1, { claimedKeyId: claimed })] })
  await save([], { attempts: [attempt('00', 2, { lastAt: new Date('2026-11-18T10:00:10.000Z') }), attempt('00', 100, { sourceIp: 'other' })] })
  const span = { from: new Date('2026-11-18T10:00:00.000Z'), to: new Date('2026-11-18T10:02:00.000Z'), limit: 10 }
  expect(await usage.listAttempts(db, span)).toEqual([
    { sourceIp: 'other', reason: 'invalid_key', claimedKeyId: null, attempts: 100, lastAt: new Date('2026-11-18T10:00:30.000Z') },
    { sourceIp: '198.51.100.1', reason: 'invalid_key', claimedKeyId: null, attempts: 9, lastAt: new Date('2026-11-18T10:01:30.000Z') },
    { sourceIp: '198.51.100.1', reason: 'invalid_key', claimedKeyId: claimed, attempts: 1, lastAt: new Date('2026-11-18T10:00:30.000Z') },
  ])
  expect(await usage.listAttempts(db, { ...span, claimedKeyId: claimed })).toHaveLength(1)
  expect(await usage.listAttempts(db, { ...span, sourceIp: 'other', limit: 1 })).toHaveLength(1)
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
  await save([], { lastUses: [{ keyId: newId('key'), secretVersion: 1, at, ip: null }] })
  const ours = [...statements].filter((text) => /usage_|last_used_at|from meter_ledger\s+where|"quotas" where/.test(text) && !text.startsWith('delete'))
  const lines = new Set(ours.map((text) => text.replace(/\s+/g, ' ').replaceAll(/_\d{8}"/g, '_<day>"').replaceAll(/'\d{4}-[^']+Z'/g, "'<day>'").trim()))
  await expect(`${[...lines].sort().join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/usage.sql')
})
