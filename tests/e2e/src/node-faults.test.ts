import { afterAll, beforeAll, expect, test } from 'vitest'
import { proveCutOff, proveDatabaseRestart, proveMinRevision, type Proof, provePause } from './node-faults.ts'
import { type Nodes, startNodes } from './nodes/start-nodes.ts'

const closers = new AsyncDisposableStack()
let nodes: Nodes
beforeAll(async () => {
  nodes = await startNodes(closers)
})
afterAll(() => closers.disposeAsync())

function expectProof({ faults, figures }: Proof) {
  console.log(figures)
  expect(faults).toEqual([])
}

test('whoever demands the revision of a revocation is refused by every node at once', async () => {
  expectProof(await proveMinRevision(nodes, 100))
})

test.each(['cut', 'black hole'] as const)('a node without its database (%s) accepts nothing after a second, and recovers by itself', async (how) => {
  expectProof(await proveCutOff(nodes, how))
})

test('a process that was stopped for 10 s answers nothing from its old view', async () => {
  expectProof(await provePause(nodes, 10_000))
})

test('a restart of PostgreSQL under load means 503 and nothing else, and is over by itself', async () => {
  expectProof(await proveDatabaseRestart(nodes, 3_000))
})
