import { connect, limitLeases } from '@letterlock/db'
import { createTestDatabase } from '@letterlock/db/testing'
import { leasedLimits, type NamedLimit, parseNamedLimit } from '@letterlock/verifier'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'

const database = await createTestDatabase()
const pools = Array.from({ length: 3 }, () => connect({ connectionString: database.connectionString, max: 2, applicationName: 'node' }))
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.destroy()))
  await database.drop()
})

test('three nodes on leases admit never more than burst + rate * t in any window, and nine tenths under three times the load', async () => {
  const limit = parseNamedLimit('{k}', { name: 'a', limit: '200/1s' }) as NamedLimit
  const other = parseNamedLimit('{k}', { name: 'b', limit: '100000/1s' }) as NamedLimit
  let statements = 0
  const nodes = pools.map((db) => leasedLimits({
    takeLeases: (demands) => (statements++, limitLeases.takeLeases(db, demands)), clock: () => new Date(), monotonic: () => performance.now(),
  }))
  const admittedMs: number[] = []
  const answers: Promise<void>[] = []
  const take = async (node: (typeof nodes)[number]) => {
    if ((await node({ limits: [limit, other], cost: 1 })).taken) admittedMs.push(performance.now())
  }
  const startMs = performance.now()
  for (let dueMs = startMs; dueMs < startMs + 6_000; dueMs += 5) {
    await sleep(Math.max(0, dueMs - performance.now()))
    for (const node of nodes) answers.push(take(node)) // 600 a second together
  }
  await Promise.all(answers)
  let [excess, lowest] = [0, Infinity]
  admittedMs.forEach((ms, i) => {
    const drained = (ms * limit.count) / limit.periodMs
    lowest = Math.min(lowest, i - drained)
    excess = Math.max(excess, i + 1 - drained - lowest)
  })
  expect(excess).toBeLessThanOrEqual(limit.burst)
  expect(admittedMs.length).toBeGreaterThan(0.9 * (limit.burst + 6 * limit.count))
  expect(statements).toBeLessThan(answers.length / 4)
}, 15_000)
