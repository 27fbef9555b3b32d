import { afterEach, expect, test } from 'vitest'
import { type Nodes, startNodes } from './nodes/start-nodes.ts'
import { type Door, emailDoor, proveQuota, verifyDoor } from './quota-race.ts'

let closers: AsyncDisposableStack
afterEach(() => closers.disposeAsync())

interface Race {
  readonly takers: number
  readonly quota: number
  readonly door: string
  readonly roles: string
  readonly open: (nodes: Nodes) => Door
}

test.each<Race>([
  { takers: 5_000, quota: 1_000, door: 'POST /v1/emails', roles: 'api', open: () => emailDoor },
  { takers: 2_000, quota: 400, door: 'POST /verifier/verify', roles: 'api,management', open: ({ rootKey }) => verifyDoor(rootKey) },
])('$takers takers at once through $door, a node killed midway, get exactly the $quota of the quota', async ({ takers, quota, roles, open }) => {
  closers = new AsyncDisposableStack()
  const nodes = await startNodes(closers, { apiRoles: [roles, roles, roles], durable: false })
  const { faults, figures } = await proveQuota(nodes, open(nodes), { quota, takers, perLine: 20 })
  console.log(figures)
  expect(faults).toEqual([])
})
