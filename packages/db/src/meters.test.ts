import { type EnvironmentId, newId } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import type { Tx } from './connect.ts'
import * as meters from './meters.ts'
import { createTestDatabase } from './testing.ts'
import * as workspaces from './workspaces.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 20, onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const now = new Date('2026-11-22T09:30:00.000Z')
const emails = { meter: 'emails.sent', amount: 1, now } as const
const stored = { meter: 'contacts.stored', amount: 1, now } as const

async function environmentWith(quotas: Record<string, number>): Promise<EnvironmentId> {
  const liveEnvironmentId = newId('environment')
  const ids = { id: newId('workspace'), liveEnvironmentId, testEnvironmentId: newId('environment') }
  await inTx((tx) => workspaces.insertWorkspace(tx, { ...ids, name: 'Acme', quotas, now }))
  return liveEnvironmentId
}

function inTx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work)
}

async function ledgerSum(environmentId: EnvironmentId): Promise<number> {
  const rows = await db.selectFrom('meter_ledger').select('amount').where('environment_id', '=', environmentId).execute()
  return rows.reduce((sum, { amount }) => sum + amount, 0)
}

test('meterPeriod() is the calendar month in UTC, and all of time for what is stored', () => {
  expect(meters.meterPeriod('emails.sent', new Date('2026-12-31T23:59:59.999Z'))).toEqual({
    start: new Date('2026-12-01T00:00:00.000Z'),
    resetsAt: new Date('2027-01-01T00:00:00.000Z'),
  })
  expect(meters.meterPeriod('contacts.stored', now)).toEqual({ start: new Date(0), resetsAt: null })
})

test('takeMeter() takes up to the quota exactly, then refuses and takes nothing', async () => {
  const environmentId = await environmentWith({ 'emails.sent': 10 })
  const take = (amount: number, reference: string) => inTx((tx) => meters.takeMeter(tx, environmentId, { ...emails, amount, reference }))
  const refused = { ok: false, limit: 10, resetsAt: new Date('2026-12-01T00:00:00.000Z') }
  expect(await take(11, 'a')).toEqual({ ...refused, used: 0 })
  expect(await take(6, 'b')).toEqual({ ok: true, used: 6 })
  expect(await take(5, 'c')).toEqual({ ...refused, used: 6 })
  expect(await take(4, 'd')).toEqual({ ok: true, used: 10 })
  expect(await take(1, 'e')).toEqual({ ...refused, used: 10 })
  expect(await ledgerSum(environmentId)).toBe(10)
})

test('takeMeter() has no limit without a quota', async () => {
  const environmentId = newId('environment')
  expect(await inTx((tx) => meters.takeMeter(tx, environmentId, { ...emails, amount: 1e9, reference: 'a' }))).toEqual({ ok: true, used: 1e9 })
})

test('takeMeter() takes once per reference, and again a reference that was refused', async () => {
  const environmentId = await environmentWith({ 'emails.sent': 5 })
  const take = (amount: number, reference: string) => inTx((tx) => meters.takeMeter(tx, environmentId, { ...emails, amount, reference }))
  expect(await take(5, 'a')).toEqual({ ok: true, used: 5 })
  expect(await take(5, 'a')).toEqual({ ok: true, used: 5 })
  expect(await take(1, 'b')).toMatchObject({ ok: false })
  await inTx((tx) => meters.giveMeter(tx, environmentId, { ...emails, amount: 2, reference: 'back' }))
  expect(await take(1, 'b')).toEqual({ ok: true, used: 4 })
})

test('takeMeter() starts each month at nothing', async () => {
  const environmentId = await environmentWith({ 'emails.sent': 5 })
  const december = new Date('2026-12-01T00:00:00.000Z')
  await inTx((tx) => meters.takeMeter(tx, environmentId, { ...emails, amount: 5, reference: 'a' }))
  const taken = await inTx((tx) => meters.takeMeter(tx, environmentId, { ...emails, amount: 5, reference: 'b', now: december }))
  expect(taken).toEqual({ ok: true, used: 5 })
})

test('giveMeter() gives once per reference, and never below nothing', async () => {
  const environmentId = newId('environment')
  const give = (amount: number, reference: string) => inTx((tx) => meters.giveMeter(tx, environmentId, { ...stored, amount, reference }))
  await inTx((tx) => meters.takeMeter(tx, environmentId, { ...stored, amount: 3, reference: 'a' }))
  await give(2, 'b')
  await give(2, 'b')
  expect(await meters.findUsed(db, environmentId, stored)).toBe(1)
  await expect(give(2, 'c')).rejects.toThrow('meter_balances_used_check')
  expect(await ledgerSum(environmentId)).toBe(1)
})

test('takeUpTo() takes what is left, and says the same again to the same reference', async () => {
  const environmentId = await environmentWith({ 'emails.sent': 10 })
  const take = (amount: number, reference: string) => inTx((tx) => meters.takeUpTo(tx, environmentId, { ...emails, amount, reference }))
  expect(await take(7, 'a')).toBe(7)
  expect(await take(7, 'b')).toBe(3)
  expect(await take(7, 'b')).toBe(3)
  expect(await take(7, 'c')).toBe(0)
  expect(await ledgerSum(environmentId)).toBe(10)
})

test('takeUpTo() takes the whole quota when more is asked and nothing was taken before', async () => {
  const environmentId = await environmentWith({ 'emails.sent': 10 })
  expect(await inTx((tx) => meters.takeUpTo(tx, environmentId, { ...emails, amount: 50, reference: 'a' }))).toBe(10)
})

test('takeMeter() lets exactly 1 000 of 5 000 concurrent takers have a quota of 1 000', async () => {
  const environmentId = await environmentWith({ 'emails.sent': 1_000 })
  const granted = await inParallel(20, 250, async (reference) => {
    const taken = await inTx((tx) => meters.takeMeter(tx, environmentId, { ...emails, reference }))
    return taken.ok ? 1 : 0
  })
  expect(granted).toBe(1_000)
  expect(await meters.findUsed(db, environmentId, emails)).toBe(1_000)
  expect(await ledgerSum(environmentId)).toBe(1_000)
}, 60_000)

test('takeQuota() counts meters of the platform in transactions of its own: 1 000 of 5 000 takers get 1 000', async () => {
  const environmentId = await environmentWith({ 'pdf.pages_rendered': 1_000 })
  const take = (reference: string) => meters.takeQuota(db, environmentId, { meter: 'pdf.pages_rendered', amount: 1, reference, now })
  const granted = await inParallel(20, 250, async (reference) => ((await take(reference)).ok ? 1 : 0))
  expect(granted).toBe(1_000)
  expect(await take('0.0')).toMatchObject({ ok: true, used: 1_000 })
  expect(await take('late')).toEqual({ ok: false, limit: 1_000, used: 1_000, resetsAt: new Date('2026-12-01T00:00:00.000Z') })
  expect(await ledgerSum(environmentId)).toBe(1_000)
}, 60_000)

test('takeQuota() takes again when a deadlock undid it', async () => {
  const environmentId = await environmentWith({ 'a.b': 5 })
  await sql`create function fail_once() returns trigger language plpgsql as $$ begin
    if nextval('attempts') < 3 then raise exception 'deadlock' using errcode = '40P01'; end if; return new;
  end $$`.execute(db)
  await sql`create sequence attempts`.execute(db)
  await sql`create trigger fail_once before insert on meter_ledger for each row execute function fail_once()`.execute(db)
  const taken = await meters.takeQuota(db, environmentId, { meter: 'a.b', amount: 2, reference: 'r', now })
  await sql`drop trigger fail_once on meter_ledger`.execute(db)
  expect(taken).toEqual({ ok: true, used: 2 })
  expect(await ledgerSum(environmentId)).toBe(2)
})

test.each([['Up', 1, 'r'], ['a b', 1, 'r'], ['', 1, 'r'], [`a${'b'.repeat(64)}`, 1, 'r'], ['a', 0, 'r'], ['a', 1.5, 'r'], ['a', 1, ''], ['a', 1, 'r'.repeat(256)], ['a', 1, 'a\0b'], ['a', 1, 'a\ud800']])(
  'takeQuota() throws for %j, %d, %j', async (meter, amount, reference) => {
    await expect(meters.takeQuota(db, newId('environment'), { meter, amount, reference, now })).rejects.toThrow(RangeError)
  },
)

test('takeUpTo() of many at once shares out the quota to the last unit', async () => {
  const environmentId = await environmentWith({ 'emails.sent': 1_000 })
  const granted = await inParallel(20, 10, (reference) =>
    inTx((tx) => meters.takeUpTo(tx, environmentId, { ...emails, amount: 7, reference })),
  )
  expect(granted).toBe(1_000)
  expect(await ledgerSum(environmentId)).toBe(1_000)
}, 60_000)

test('takeMeter() of 50 concurrent twins takes once', async () => {
  const environmentId = newId('environment')
  await Promise.all(
    Array.from({ length: 50 }, () => inTx((tx) => meters.takeMeter(tx, environmentId, { ...emails, amount: 3, reference: 'same' }))),
  )
  expect(await meters.findUsed(db, environmentId, emails)).toBe(3)
})

test('lockMeter() keeps takers waiting until its transaction ends', async () => {
  const environmentId = await environmentWith({ 'contacts.stored': 5 })
  const order: string[] = []
  let other: Promise<unknown> = Promise.resolve()
  await inTx(async (tx) => {
    expect(await meters.lockMeter(tx, environmentId, stored)).toEqual({ used: 0, limit: 5 })
    other = inTx((second) => meters.lockMeter(second, environmentId, stored)).then(() => order.push('second'))
    await meters.takeMeter(tx, environmentId, { ...stored, reference: 'a' })
    order.push('first')
  })
  await other
  expect(order).toEqual(['first', 'second'])
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /meter_/.test(sql) && !/trigger/.test(sql)).map((sql) => sql.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/meters.sql')
})

/** Runs `width` workers, each with `each` turns, all with references of their own; returns the sum of the results. */
async function inParallel(width: number, each: number, turn: (reference: string) => Promise<number>): Promise<number> {
  const sums = await Promise.all(
    Array.from({ length: width }, async (_, worker) => {
      let sum = 0
      for (let index = 0; index < each; index++) sum += await turn(`${worker}.${index}`)
      return sum
    }),
  )
  return sums.reduce((total, sum) => total + sum, 0)
}
