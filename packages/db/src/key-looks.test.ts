import { newId, type WorkspaceId } from '@letterlock/contract'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Tx } from './connect.ts'
import { lockDue, selectDue, setNextLooks, tellKeysOfChangedPolicy } from './key-looks.ts'
import * as policies from './policies.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'
import { insertWorkspace } from './workspaces.ts'

const statements = new Set<string>()
const now = new Date('2026-11-22T09:30:00.000Z')
const count = 30_000

let database: TestDatabase
const [acme, other]: [WorkspaceId, WorkspaceId] = [newId('workspace'), newId('workspace')]
beforeAll(async () => {
  database = await createTestDatabase({ onQuery: (text) => statements.add(text) })
  for (const id of [acme, other]) {
    const environments = { liveEnvironmentId: newId('environment'), testEnvironmentId: newId('environment') }
    await inTx((tx) => insertWorkspace(tx, { id, name: 'Acme', ...environments, now }))
    await sql`
      insert into keys (id, mode, workspace_id, environment_id, name, scopes, status, created_at, updated_at, next_look_at)
      select 'key_' || right(md5(${id} || i), 26), 'live', ${id}, e.id, 'Key', '{}', case when i % 10 = 0 then 'disabled' else 'active' end,
        ${now}, ${now}, case when i % 5 = 0 then null else ${now}::timestamptz + (i - 1000) * interval '1 minute' end
      from generate_series(1, ${count / 2}::int) as n (i) join environments e on e.workspace_id = ${id} and e.mode = 'live'
    `.execute(database.db)
  }
  await sql`vacuum analyze keys`.execute(database.db)
})
afterAll(() => database.drop())

const inTx = <T>(work: (tx: Tx) => Promise<T>) => database.db.transaction().execute(work)
const explain = (limit: number) => selectDue(database.db, { now, limit }).explain('json', sql`analyze, buffers`) as Promise<
  [{ 'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }] }]>

test('selectDue() reads the keys that are due by their index, and no others', async () => {
  const plan = await explain(20)
  expect(JSON.stringify(plan)).toContain('"Index Name":"keys_to_look_at"')
  expect(JSON.stringify(plan)).not.toMatch(/"Node Type":"(Sort|Seq Scan|Bitmap Heap Scan)"/)
  const { 'Shared Hit Blocks': hit, 'Shared Read Blocks': read } = plan[0]['QUERY PLAN'][0].Plan
  expect(hit + read).toBeLessThan(50)
})

test('lockDue() shares the keys that are due among callers at once, the longest due first', async () => {
  const [first, second] = await inTx(async (tx) => {
    const mine = await lockDue(tx, { now, limit: 10 })
    return [mine, await inTx((another) => lockDue(another, { now, limit: 10 }))]
  })
  expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(20)
  const all = await inTx((tx) => lockDue(tx, { now, limit: count }))
  expect(all).toHaveLength(2 * 800) // up to minute 1 000, without those that are disabled or never due
  expect(all.slice(0, 20).map(({ id }) => id).sort()).toEqual([...first, ...second].map(({ id }) => id).sort())
})

test('setNextLooks() puts keys off, or has them never looked at', async () => {
  const [one, two] = await inTx((tx) => lockDue(tx, { now, limit: 2 }))
  if (!one || !two) throw new Error('two keys')
  await inTx((tx) => setNextLooks(tx, [{ id: one.id, at: now }, { id: two.id, at: null }]))
  const due = (await inTx((tx) => lockDue(tx, { now, limit: count }))).map(({ id }) => id)
  expect([due.at(-1), due.includes(two.id), due.length]).toEqual([one.id, false, 1_599])
})

test('tellKeysOfChangedPolicy() has every active key of its owner looked at again, some at a time', async () => {
  const dueOf = async (workspaceId: WorkspaceId) => (await inTx((tx) => lockDue(tx, { now, limit: count }))).filter((key) => key.workspace_id === workspaceId).length
  const tellAll = async () => {
    for (let times = 0; ; times += 1) if (!(await inTx((tx) => tellKeysOfChangedPolicy(tx, 2_000)))) return times
  }
  const before = await dueOf(other)
  await inTx(async (tx) => {
    await policies.lockPolicy(tx, acme, now)
    await policies.setPolicy(tx, acme, { rules: { warnBefore: [] }, now })
  })
  expect(await tellAll()).toBe(7)
  expect([await dueOf(acme), await dueOf(other)]).toEqual([count / 2 * 0.9, before])
  await inTx(async (tx) => {
    await policies.lockPolicy(tx, null, now)
    await policies.setPolicy(tx, null, { rules: { warnBefore: [] }, now })
  })
  expect(await tellAll()).toBe(14)
  expect(await dueOf(other)).toBe(count / 2 * 0.9)
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((text) => /next_look_at|told_through/.test(text) && !/explain|generate_series/.test(text)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/key-looks.sql')
})
