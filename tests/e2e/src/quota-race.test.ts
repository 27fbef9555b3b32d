import { afterEach, expect, test } from 'vitest'
import { type Nodes, startNodes } from './nodes/start-nodes.ts'
import { type Door, emailDoor, proveQuota, verifyDoor } from './quota-race.ts'

let closers: AsyncDisposableStack
afterEach(() => closers.disposeAsync())

test.each<[door: string, roles: string, open: (nodes: Nodes) => Door]>([
  ['POST /v1/emails', 'api', () => emailDoor],
  ['POST /verifier/verify', 'api,management', ({ rootKey }) => verifyDoor(rootKey)],
])('5 000 takers at once through %s, a node killed midway, get exactly the 1 000 of the quota', async (_door, roles, open) => {
  closers = new AsyncDisposableStack()
  const nodes = await startNodes(closers, { apiRoles: [roles, roles, roles], durable: false })
  const { faults, figures } = await proveQuota(nodes, open(nodes), { quota: 1_000, takers: 5_000, perLine: 20 })
  console.log(figures)
  expect(faults).toEqual([])
})
