import { afterAll, expect, test } from 'vitest'
import * as nodes from './nodes.ts'
import { createTestDatabase } from './testing.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const start = new Date('2026-11-22T09:30:00.000Z')
const at = (seconds: number) => new Date(start.getTime() + seconds * 1_000)

test('countLive() counts nodes by their last heartbeat and their roles', async () => {
  await nodes.heartbeat(db, { id: 'a', roles: ['api'], now: at(0) })
  await nodes.heartbeat(db, { id: 'b', roles: ['api', 'jobs'], now: at(5) })
  await nodes.heartbeat(db, { id: 'c', roles: ['jobs'], now: at(9) })
  expect(await nodes.countLive(db, { since: at(0) })).toBe(3)
  expect(await nodes.countLive(db, { since: at(0), role: 'api' })).toBe(2)
  expect(await nodes.countLive(db, { since: at(1), role: 'api' })).toBe(1)
  expect(await nodes.countLive(db, { since: at(10) })).toBe(0)
  expect(await nodes.countLive(db, { since: at(0), role: 'none' })).toBe(0)
})

test('heartbeat() moves the time on and keeps the start; the roles are those of the last one', async () => {
  await nodes.heartbeat(db, { id: 'd', roles: ['api'], now: at(0) })
  await nodes.heartbeat(db, { id: 'd', roles: ['jobs'], now: at(60) })
  const row = await db.selectFrom('nodes').selectAll().where('id', '=', 'd').executeTakeFirst()
  expect(row).toEqual({ id: 'd', roles: ['jobs'], started_at: at(0), seen_at: at(60) })
  expect(await nodes.countLive(db, { since: at(60) })).toBe(1)
})

test('remove() and pruneDead() take nodes out', async () => {
  await nodes.remove(db, 'd')
  await nodes.remove(db, 'unknown')
  expect(await nodes.countLive(db, { since: at(10) })).toBe(0)
  expect(await nodes.pruneDead(db, { before: at(9) })).toBe(2)
  expect(await nodes.countLive(db, { since: at(0) })).toBe(1)
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((text) => /"nodes"/.test(text)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/nodes.sql')
})
