import { createTestDatabase } from '@letterlock/db/testing'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { joinNodes } from './join-nodes.ts'

const { db, drop } = await createTestDatabase({ max: 4 })
afterAll(drop)

const warnings: string[] = []
const log = { warn: (...said: unknown[]) => void warnings.push(String(said.at(-1))) } as never

async function join(...roles: ('api' | 'management')[]) {
  const closers = new AsyncDisposableStack()
  const { liveNodes } = await joinNodes({ db, config: { roles, limits: 'redis' }, log, leaveMs: 100 }, closers)
  return { liveNodes, leave: () => closers.disposeAsync() }
}

test('joinNodes() counts every node, since root keys take tokens on those of the management, too', async () => {
  const [first, second] = [await join('management'), await join('api')]
  expect([first.liveNodes(), second.liveNodes()]).toEqual([1, 2])
  await first.leave()
  const third = await join('api')
  expect(third.liveNodes()).toBe(2)
  await second.leave()
  await third.leave()
  expect(warnings).toEqual([])
})

test('joinNodes() counts by the time of the database', async () => {
  const first = await join('api')
  const { rows } = await sql`select abs(extract(epoch from clock_timestamp() - seen_at)) < 10 as is_now from nodes`.execute(db)
  expect(rows).toEqual([{ is_now: true }])
  await first.leave()
})

test('joinNodes() leaves although the database says nothing, and says so', async () => {
  const { leave } = await join('api')
  await db.transaction().execute(async (tx) => {
    await sql`lock table nodes in access exclusive mode`.execute(tx)
    const startedAt = performance.now()
    await leave()
    expect(performance.now() - startedAt).toBeLessThan(1_500)
  })
  expect(warnings).toEqual(['this node could not say that it leaves: the others count it for 5 seconds more'])
})
