import { sql } from 'kysely'
import { afterAll, beforeEach, expect, test } from 'vitest'
import * as nodes from './nodes.ts'
import { createTestDatabase } from './testing.ts'

const statements = new Set<string>()
const { db, drop } = await createTestDatabase({ onQuery: (sql) => statements.add(sql) })
afterAll(drop)

const beat = (id: string, ...roles: string[]) => nodes.heartbeat(db, { id, roles })
const seenAgo = (id: string, seconds: number) =>
  sql`update nodes set seen_at = clock_timestamp() - ${seconds} * interval '1 second' where id = ${id}`.execute(db)
beforeEach(() => sql`truncate nodes`.execute(db))

test('countLive() counts nodes of any role by their last heartbeat', async () => {
  await beat('a', 'api')
  await beat('b', 'management')
  await beat('c', 'jobs')
  expect(await nodes.countLive(db, { withinMs: 15_000 })).toBe(3)
  await seenAgo('a', 20)
  expect(await nodes.countLive(db, { withinMs: 15_000 })).toBe(2)
  expect(await nodes.countLive(db, { withinMs: 25_000 })).toBe(3)
})

test('heartbeat() moves the time on by the clock of the database, and keeps the start; the roles are those of the last one', async () => {
  await beat('d', 'api')
  await sql`update nodes set started_at = started_at - interval '1 hour'`.execute(db)
  await seenAgo('d', 60)
  await beat('d', 'jobs')
  const { rows } = await sql`
    select roles, now() - seen_at < '10 s' as is_seen, now() - started_at > '59 min' as is_old from nodes`.execute(db)
  expect(rows).toEqual([{ roles: ['jobs'], is_seen: true, is_old: true }])
})

test('remove() and pruneDead() take nodes out', async () => {
  for (const id of ['a', 'b', 'c']) await beat(id, 'api')
  await nodes.remove(db, 'a')
  await nodes.remove(db, 'unknown')
  expect(await nodes.countLive(db, { withinMs: 15_000 })).toBe(2)
  await seenAgo('b', 100)
  expect(await nodes.pruneDead(db, { withinMs: 99_000 })).toBe(1)
  expect(await nodes.countLive(db, { withinMs: 1_000_000 })).toBe(1)
})

const now = new Date('2026-11-22T09:30:00.000Z')
const earlier = new Date('2026-11-22T09:29:00.000Z')

test('findUsageSettled() is as far as the slowest node, and unknown while one has not said', async () => {
  expect(await nodes.findUsageSettled(db, now)).toBeNull()
  await beat('a', 'api')
  await nodes.noteUsageSaved(db, 'a', now)
  expect((await nodes.findUsageSettled(db, now))?.through).toEqual(now)
  await beat('b', 'api')
  expect(await nodes.findUsageSettled(db, now)).toBeNull()
  await nodes.noteUsageSaved(db, 'b', earlier)
  await beat('b', 'api')
  expect((await nodes.findUsageSettled(db, now))?.through).toEqual(earlier)
  await nodes.noteUsageSaved(db, 'b', 'final')
  await nodes.noteUsageSaved(db, 'a', 'final')
  expect((await nodes.findUsageSettled(db, now))?.through).toEqual(now)
})

test('a node that goes without having saved its usage is remembered as a loss; one that saved it is not', async () => {
  await beat('good', 'api')
  await nodes.noteUsageSaved(db, 'good', 'final')
  await sql`truncate usage_loss`.execute(db)
  await nodes.remove(db, 'good')
  await beat('there', 'api')
  await nodes.noteUsageSaved(db, 'there', now)
  expect((await nodes.findUsageSettled(db, now))?.lostUntil).toBeNull()
  await beat('bad', 'api')
  await nodes.noteUsageSaved(db, 'bad', now)
  await seenAgo('bad', 100)
  expect(await nodes.pruneDead(db, { withinMs: 99_000 })).toBe(1)
  expect((await nodes.findUsageSettled(db, now))?.lostUntil).toBeInstanceOf(Date)
})

test('the statements sent are those of the snapshot', async () => {
  const ours = [...statements].filter((text) => /\bnodes\b/.test(text)).sort()
  await expect(`${ours.join(';\n\n')};\n`).toMatchFileSnapshot('../sql-snapshots/nodes.sql')
})
