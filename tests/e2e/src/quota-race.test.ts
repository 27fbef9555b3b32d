import { afterEach, expect, test } from 'vitest'
import { startNodes } from './nodes/start-nodes.ts'
import { emailDoor, proveQuota } from './quota-race.ts'

let closers: AsyncDisposableStack
afterEach(() => closers.disposeAsync())

test('5 000 takers at once on three nodes, one killed midway, get exactly the 1 000 of the quota', async () => {
  closers = new AsyncDisposableStack()
  const nodes = await startNodes(closers, { durable: false })
  const { faults, figures } = await proveQuota(nodes, emailDoor, { quota: 1_000, takers: 5_000, perLine: 20 })
  console.log(figures)
  expect(faults).toEqual([])
})
