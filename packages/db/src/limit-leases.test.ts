import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { deleteDrained, takeLeases } from './limit-leases.ts'
import { createTestDatabase } from './testing.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ max: 10, onQuery: (text) => statements.add(text) })
afterAll(drop)

const hour = 3_600_000
const demand = (bucket: string, tokens: number, more = {}) => ({ bucket, count: 10, periodMs: hour, capacity: 10 * hour, tokens, ...more })

test('takeLeases() grants what fits of each demand, in the order of the demands', async () => {
  expect(await takeLeases(db, [demand('a', 4), demand('b', 99)])).toEqual([{ tokens: 4, level: 4 * hour }, { tokens: 10, level: 10 * hour }])
  const [a, b] = await takeLeases(db, [demand('a', 4), demand('b', 1)])
  expect(a?.tokens).toBe(4)
  expect(b?.tokens).toBe(0)
  expect(a?.level).toBeGreaterThan(7.9 * hour)
})

test('takeLeases() grants 100 parallel askers of the same buckets no more than fits, and none waits in a circle', async () => {
  const buckets = ['p1', 'p2', 'p3', 'p4']
  const all = await Promise.all(Array.from({ length: 100 }, () => takeLeases(db, buckets.map((bucket) => demand(bucket, 1)))))
  for (const i of buckets.keys()) expect(all.reduce((sum, grants) => sum + (grants[i]?.tokens ?? 0), 0)).toBe(10)
})

test('takeLeases() lets a bucket drain in the time of the database, and not at all when that went backwards', async () => {
  await takeLeases(db, [demand('t', 10), demand('u', 10)])
  await sql`update limit_leases set at_ms = at_ms - ${hour / 2} where bucket = 't'`.execute(db)
  await sql`update limit_leases set at_ms = at_ms + ${hour} where bucket = 'u'`.execute(db)
  const [t, u] = await takeLeases(db, [demand('t', 99), demand('u', 99)])
  expect(t?.tokens).toBe(5)
  expect(u).toEqual({ tokens: 0, level: 10 * hour })
})

test('takeLeases() counts whole numbers up to 2^53 after any time', async () => {
  const count = 1_000_000_000
  const huge = { count, periodMs: 1_000_000, capacity: 9e15 }
  expect(await takeLeases(db, [demand('h', 9e9, huge)])).toEqual([{ tokens: 9e9, level: 9e15 }])
  await sql`update limit_leases set at_ms = 0 where bucket = 'h'`.execute(db)
  expect(await takeLeases(db, [demand('h', 1, huge)])).toEqual([{ tokens: 1, level: 1_000_000 }])
})

test('deleteDrained() removes drained buckets alone', async () => {
  await sql`truncate limit_leases`.execute(db)
  await takeLeases(db, [demand('old', 1), demand('used', 1)])
  await sql`update limit_leases set at_ms = at_ms - ${hour} where bucket = 'old'`.execute(db)
  expect(await deleteDrained(db)).toBe(1)
  expect((await db.selectFrom('limit_leases').select('bucket').execute()).map(({ bucket }) => bucket)).toEqual(['used'])
})

test('the buckets survive a crash and a failover, which empty an unlogged table', async () => {
  const { rows } = await sql`select relpersistence from pg_class where oid = 'limit_leases'::regclass`.execute(db)
  expect(rows).toEqual([{ relpersistence: 'p' }])
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((text) => /^\s*(insert into|delete from) limit_leases/.test(text)).map((text) => text.replace(/\s+/g, ' ').trim()).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/limit-leases.sql')
})
