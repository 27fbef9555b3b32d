import { newId } from '@letterlock/contract'
import { afterAll, expect, test } from 'vitest'
import type { Tx } from './connect.ts'
import * as idempotencyKeys from './idempotency-keys.ts'
import * as meters from './meters.ts'
import { createTestDatabase } from './testing.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 20, onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const now = new Date('2026-11-22T09:30:00.000Z')
const requestHash = Buffer.alloc(32, 1)
const operation = 'contacts.create'
const answer = { operation, status: 201, body: '{"id":"con_1"}' }

function inTx<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work)
}

/** What the server does: claim, work and store in one transaction. */
function run(environmentId: ReturnType<typeof newId<'environment'>>, key: string, more: { at?: Date; work?: (tx: Tx) => Promise<unknown> } = {}) {
  return inTx(async (tx) => {
    const claim = { operation, key, requestHash, now: more.at ?? now }
    const claimed = await idempotencyKeys.claimIdempotencyKey(tx, environmentId, claim)
    if (claimed.state === 'stored') return claimed
    await more.work?.(tx)
    await idempotencyKeys.storeIdempotentAnswer(tx, environmentId, { ...answer, key })
    return claimed
  })
}

test('claimIdempotencyKey() is new once, then finds the stored answer', async () => {
  const environmentId = newId('environment')
  expect(await run(environmentId, 'a')).toEqual({ state: 'new' })
  expect(await run(environmentId, 'a')).toEqual({ state: 'stored', requestHash, status: 201, body: answer.body })
})

test('claimIdempotencyKey() keeps keys of environments and operations apart', async () => {
  await run(newId('environment'), 'a')
  const environmentId = newId('environment')
  expect(await run(environmentId, 'a')).toEqual({ state: 'new' })
  const other = { operation: 'lists.create', key: 'a', requestHash, now }
  expect(await inTx((tx) => idempotencyKeys.claimIdempotencyKey(tx, environmentId, other))).toEqual({ state: 'new' })
})

test('claimIdempotencyKey() is new again when the first transaction rolled back', async () => {
  const environmentId = newId('environment')
  const broken = run(environmentId, 'a', { work: () => Promise.reject(new Error('refused')) })
  await expect(broken).rejects.toThrow('refused')
  expect(await run(environmentId, 'a')).toEqual({ state: 'new' })
})

test('claimIdempotencyKey() claims a key again after 24 hours', async () => {
  const environmentId = newId('environment')
  const after = (ms: number) => ({ at: new Date(now.getTime() + ms) })
  await run(environmentId, 'a')
  expect(await run(environmentId, 'a', after(idempotencyKeys.keptForMs - 1))).toMatchObject({ state: 'stored' })
  expect(await run(environmentId, 'a', after(idempotencyKeys.keptForMs))).toEqual({ state: 'new' })
  expect(await run(environmentId, 'a', after(idempotencyKeys.keptForMs + 1))).toMatchObject({ state: 'stored' })
})

test('claimIdempotencyKey() refuses to answer from a claim that was committed without its answer', async () => {
  const environmentId = newId('environment')
  const claim = { operation, key: 'a', requestHash, now }
  await inTx((tx) => idempotencyKeys.claimIdempotencyKey(tx, environmentId, claim))
  await expect(inTx((tx) => idempotencyKeys.claimIdempotencyKey(tx, environmentId, claim))).rejects.toThrow('without its answer')
})

test('claimIdempotencyKey() of 200 concurrent twins has exactly one effect, and all get one answer', async () => {
  const environmentId = newId('environment')
  let count = 0
  const work = (tx: Tx) =>
    meters.takeMeter(tx, environmentId, { meter: 'emails.sent', amount: 1, reference: String(count++), now })
  const results = await Promise.all(Array.from({ length: 200 }, () => run(environmentId, 'a', { work })))
  expect(results.filter(({ state }) => state === 'new')).toHaveLength(1)
  expect(results.filter(({ state }) => state === 'stored')).toHaveLength(199)
  expect(await meters.findUsed(db, environmentId, { meter: 'emails.sent', now })).toBe(1)
})

test('claimIdempotencyKey() of twins passes on when the first ones roll back', async () => {
  const environmentId = newId('environment')
  let failures = 3
  const work = async () => {
    if (failures-- > 0) throw new Error('refused')
  }
  const results = await Promise.allSettled(Array.from({ length: 50 }, () => run(environmentId, 'a', { work })))
  const states = results.map((result) => (result.status === 'fulfilled' ? result.value.state : 'rolled back'))
  expect(states.filter((state) => state === 'rolled back')).toHaveLength(3)
  expect(states.filter((state) => state === 'new')).toHaveLength(1)
})

test('deleteOldIdempotencyKeys() deletes what is older than the time', async () => {
  const environmentId = newId('environment')
  await run(environmentId, 'old', { at: new Date('2026-01-01T00:00:00.000Z') })
  await run(environmentId, 'young')
  expect(await idempotencyKeys.deleteOldIdempotencyKeys(db, new Date('2026-01-02T00:00:00.000Z'))).toBe(1)
  expect(await run(environmentId, 'young')).toMatchObject({ state: 'stored' })
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((sql) => /idempotency_keys/.test(sql)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/idempotency-keys.sql')
})
