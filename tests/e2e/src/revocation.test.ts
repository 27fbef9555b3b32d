import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeTrials, faultsOfTrials, runTrials } from './revocation-trials.ts'
import { type Nodes, startNodes } from './nodes/start-nodes.ts'

const closers = new AsyncDisposableStack()
let nodes: Nodes
beforeAll(async () => {
  nodes = await startNodes(closers, { durable: false })
})
afterAll(() => closers.disposeAsync())

const plan = { trials: 40, atOnce: 24, everyMs: 30 }

test('a revocation, a scope removal, an address list and a suspension are in force on three nodes within a second', async () => {
  const report = await runTrials(nodes, plan)
  console.log(describeTrials(report))
  expect(faultsOfTrials(report, { maxMs: 1_000, medianMs: 50 })).toEqual([])
  expect(nodes.api.map(({ wire }) => wire.notifications() > 0)).toEqual([true, true, true]) // else the next test mutes nothing
})

test('they are in force within a second though every notification is lost', async () => {
  for (const { wire } of nodes.api) wire.mute(true)
  const report = await runTrials(nodes, plan)
  for (const { wire } of nodes.api) wire.mute(false)
  console.log(describeTrials(report))
  expect(faultsOfTrials(report, { maxMs: 1_000, medianMs: 1_000 })).toEqual([])
})
